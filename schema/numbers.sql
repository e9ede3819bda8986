-------------------------------------------------------------------------
-- Histograms and other statistics of numbers
-------------------------------------------------------------------------

CREATE FUNCTION flow.hist_step(bigint[], double precision, double precision, double precision, integer)
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'fs_hist_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.hist_step(bigint[], double precision, double precision, double precision, integer) IS
'transition function of flow.hist; not to be called';

CREATE FUNCTION flow.log2_hist_step(bigint[], bigint)
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'fs_hist_log2_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.log2_hist_step(bigint[], bigint) IS
'transition function of flow.log2_hist; not to be called';

CREATE FUNCTION flow.hist_add(a bigint[], b bigint[])
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'fs_hist_add'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.hist_add(bigint[], bigint[]) IS
'The sum of two histograms, element by element; NULL if one is NULL.  Arrays of
different length, of several dimensions or with nulls are an error
(invalid_parameter_value), and so is a sum beyond bigint
(numeric_value_out_of_range).';

CREATE AGGREGATE flow.hist(value double precision, lo double precision, hi double precision, nbuckets integer) (
    SFUNC = flow.hist_step,
    STYPE = bigint[],
    COMBINEFUNC = flow.hist_add,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.hist(double precision, double precision, double precision, integer) IS
'How many values are in each of nbuckets equal buckets from lo to hi, as
width_bucket(value, lo, hi, nbuckets) puts them: element 1 counts what is below
lo, elements 2 to nbuckets + 1 the buckets, the last what is hi or more; with lo
above hi the other way round.  Exact.  NULL values are ignored, NULL if there is
none.  nbuckets is 1 to 100000 and the same for all rows of a group, else an error
(invalid_parameter_value; null_value_not_allowed for NULL); equal bounds and NaN
are errors of width_bucket (invalid_argument_for_width_bucket_function).
Histograms with the same bounds add up: flow.hist_add and flow.merge.';

CREATE AGGREGATE flow.log2_hist(value bigint) (
    SFUNC = flow.log2_hist_step,
    STYPE = bigint[],
    COMBINEFUNC = flow.hist_add,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.log2_hist(bigint) IS
'How many values have which magnitude: element 1 counts those below 1, element
k + 2 those from 2^k up to, but not including, 2^(k + 1), k from 0 to 62; 64
elements in all.  Exact.  NULL values are ignored, NULL if there is none.  Such
histograms add up: flow.hist_add and flow.merge.';

CREATE AGGREGATE flow.merge(histogram bigint[]) (
    SFUNC = flow.hist_add,
    STYPE = bigint[],
    COMBINEFUNC = flow.hist_add,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.merge(bigint[]) IS
'The sum of histograms, element by element.  NULLs are ignored, NULL if there is
none.  Errors as those of flow.hist_add.';

CREATE FUNCTION flow.byte_entropy(bytes bytea)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_hist_byte_entropy'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.byte_entropy(bytea) IS
'Shannon entropy of the bytes of a string in bits a byte: 0 if all are the same,
8 if all 256 are equally frequent, which compressed and encrypted data of some
length comes near.  Exact; NULL for no bytes.  At most log2(length).
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE FUNCTION flow.ewma_step(double precision, double precision, double precision)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_ewma_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.ewma_step(double precision, double precision, double precision) IS
'transition function of flow.ewma; not to be called';

CREATE AGGREGATE flow.ewma(value double precision, alpha double precision) (
    SFUNC = flow.ewma_step,
    STYPE = double precision,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.ewma(double precision, double precision) IS
'Exponentially weighted moving average: the first value, then for each further
alpha * value + (1 - alpha) * average.  Needs an order: flow.ewma(v, 0.25 ORDER
BY t), or as a window function flow.ewma(v, 0.25) OVER (ORDER BY t), which gives
the average up to each row; a frame that begins later is computed anew for each
row.  alpha is above 0 and at most 1, for a span of n values 2 / (n + 1), else an
error (invalid_parameter_value; null_value_not_allowed for NULL).  NULL values
are ignored: they leave the average as it is; NULL if there is none.
Source: Roberts, Control Chart Tests Based on Geometric Moving Averages, 1959.';

CREATE FUNCTION flow.mad_step(internal, double precision)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_mad_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.mad_step(internal, double precision) IS
'transition function of flow.mad; not to be called';

CREATE FUNCTION flow.mad_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_mad_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.mad_combine(internal, internal) IS
'combine function of flow.mad; not to be called';

CREATE FUNCTION flow.mad_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_mad_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.mad_serialize(internal) IS
'serialization function of flow.mad; not to be called';

CREATE FUNCTION flow.mad_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_mad_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.mad_deserialize(bytea, internal) IS
'deserialization function of flow.mad; not to be called';

CREATE FUNCTION flow.mad_final(internal)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_mad_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.mad_final(internal) IS
'final function of flow.mad; not to be called';

CREATE AGGREGATE flow.mad(value double precision) (
    SFUNC = flow.mad_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.mad_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.mad_combine,
    SERIALFUNC = flow.mad_serialize,
    DESERIALFUNC = flow.mad_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.mad(double precision) IS
'Median of the absolute deviations from the median, in the unit of value, medians
as percentile_cont(0.5); times 1.4826 it estimates the standard deviation of a
normal distribution.  Exact, and independent of the order of rows.  NULL values
are ignored, NULL if there is none; NaN counts as the greatest.  Memory, not
limited by work_mem: 8 to 16 bytes a value, and 8 more at the end.
Source: Rousseeuw and Croux, Alternatives to the Median Absolute Deviation, 1993.';
