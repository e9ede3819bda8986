-------------------------------------------------------------------------
-- How numbers are distributed: flow.ddsketch
-------------------------------------------------------------------------

CREATE TYPE flow.ddsketch;

CREATE FUNCTION flow.ddsketch_in(cstring)
RETURNS flow.ddsketch
AS 'MODULE_PATHNAME', 'fs_dd_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_in(cstring) IS
'input function of type flow.ddsketch; what is not a sketch is an error
(invalid_text_representation)';

CREATE FUNCTION flow.ddsketch_out(flow.ddsketch)
RETURNS cstring
AS 'MODULE_PATHNAME', 'fs_sketch_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_out(flow.ddsketch) IS
'output function of type flow.ddsketch';

CREATE FUNCTION flow.ddsketch_recv(internal)
RETURNS flow.ddsketch
AS 'MODULE_PATHNAME', 'fs_dd_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_recv(internal) IS
'binary input function of type flow.ddsketch; what is not a sketch is an error
(invalid_binary_representation)';

CREATE FUNCTION flow.ddsketch_send(flow.ddsketch)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_sketch_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_send(flow.ddsketch) IS
'binary output function of type flow.ddsketch';

CREATE TYPE flow.ddsketch (
    INPUT = flow.ddsketch_in,
    OUTPUT = flow.ddsketch_out,
    RECEIVE = flow.ddsketch_recv,
    SEND = flow.ddsketch_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = external
);

COMMENT ON TYPE flow.ddsketch IS
'A sketch of numbers that tells their quantiles: counts in 64 buckets for each
octave.  A quantile is at most 0.78 % (1/129) of its size away from the number
that stands there, always, not only probably; the smallest and the greatest
are exact.  That holds for numbers not more than 2^64 times smaller than the
greatest of their sign; smaller ones count as about 2^-64 of it, and numbers
below 2^-1022 as zero.  2 to 5 bytes for each bucket that has a number: 2.7 kB
for the bytes of ten million flows, at most 96 kB.  The bytes depend on the numbers
only, not on the order of rows or the plan, and are the same on every machine;
damaged ones are an error.
Made by flow.ddsketch_agg, united by flow.merge, asked by flow.percentile,
flow.sketch_count, flow.sketch_min, flow.sketch_max and flow.approx_sum.
Source: DDSketch (Masson, Rim, Lee, VLDB 2019) with linear interpolation.';

CREATE FUNCTION flow.ddsketch_step(internal, double precision)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_dd_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_step(internal, double precision) IS
'transition function of flow.ddsketch_agg; not to be called';

CREATE FUNCTION flow.percentile_step(internal, double precision, double precision)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_dd_step_fraction'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.percentile_step(internal, double precision, double precision) IS
'transition function of flow.approx_percentile; not to be called';

CREATE FUNCTION flow.percentile_step(internal, double precision, double precision[])
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_dd_step_fractions'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.percentile_step(internal, double precision, double precision[]) IS
'transition function of flow.approx_percentile; not to be called';

CREATE FUNCTION flow.ddsketch_merge_step(internal, flow.ddsketch)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_dd_merge_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_merge_step(internal, flow.ddsketch) IS
'transition function of flow.merge; not to be called';

CREATE FUNCTION flow.ddsketch_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_dd_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_combine(internal, internal) IS
'combine function of flow.approx_percentile; not to be called';

CREATE FUNCTION flow.ddsketch_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_dd_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_serialize(internal) IS
'serialization function of flow.approx_percentile; not to be called';

CREATE FUNCTION flow.ddsketch_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_dd_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_deserialize(bytea, internal) IS
'deserialization function of flow.approx_percentile; not to be called';

CREATE FUNCTION flow.ddsketch_final(internal)
RETURNS flow.ddsketch
AS 'MODULE_PATHNAME', 'fs_dd_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ddsketch_final(internal) IS
'final function of flow.ddsketch_agg; not to be called';

CREATE FUNCTION flow.percentile_final(internal)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_dd_fraction_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.percentile_final(internal) IS
'final function of flow.approx_percentile; not to be called';

CREATE FUNCTION flow.percentiles_final(internal)
RETURNS double precision[]
AS 'MODULE_PATHNAME', 'fs_dd_fractions_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.percentiles_final(internal) IS
'final function of flow.approx_percentile; not to be called';

CREATE AGGREGATE flow.approx_percentile(value double precision, fraction double precision) (
    SFUNC = flow.percentile_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.percentile_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.ddsketch_combine,
    SERIALFUNC = flow.ddsketch_serialize,
    DESERIALFUNC = flow.ddsketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.approx_percentile(double precision, double precision) IS
'About the number that percentile_disc(fraction) WITHIN GROUP (ORDER BY value)
gives, at place ceil(fraction * n): at most 0.78 % (1/129) of its size away,
for numbers within a ratio of 2^64; see type flow.ddsketch.  fraction is 0 to 1
and the same for all rows of a group, else an error (invalid_parameter_value;
null_value_not_allowed for NULL).  NULL values are ignored, NULL if there is
none; NaN and infinities are an error (invalid_parameter_value).  A group takes
8 bytes of memory for each of 64 buckets an octave from the smallest to the
greatest number, some 10 kB for the bytes of flows, at most 64 kB.  The same in
every plan.';

CREATE AGGREGATE flow.approx_percentile(value double precision, fractions double precision[]) (
    SFUNC = flow.percentile_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.percentiles_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.ddsketch_combine,
    SERIALFUNC = flow.ddsketch_serialize,
    DESERIALFUNC = flow.ddsketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.approx_percentile(double precision, double precision[]) IS
'The same for each of up to 1000 fractions, in their order.';

CREATE AGGREGATE flow.ddsketch_agg(value double precision) (
    SFUNC = flow.ddsketch_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.ddsketch_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.ddsketch_combine,
    SERIALFUNC = flow.ddsketch_serialize,
    DESERIALFUNC = flow.ddsketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.ddsketch_agg(double precision) IS
'The sketch of the values, to be kept in a table and merged; NULL if there is
no value.  Otherwise as flow.approx_percentile, which is flow.percentile of it.';

CREATE AGGREGATE flow.merge(sketch flow.ddsketch) (
    SFUNC = flow.ddsketch_merge_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.ddsketch_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.ddsketch_combine,
    SERIALFUNC = flow.ddsketch_serialize,
    DESERIALFUNC = flow.ddsketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.merge(flow.ddsketch) IS
'The sketch of all numbers, the same as flow.ddsketch_agg of them.  NULL
sketches are ignored, NULL if there is none.  A damaged sketch is an error
(data_corrupted), and so are more than 2^63 - 1 numbers
(numeric_value_out_of_range).';

CREATE FUNCTION flow.merge(a flow.ddsketch, b flow.ddsketch)
RETURNS flow.ddsketch
AS 'MODULE_PATHNAME', 'fs_dd_value_merge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.merge(flow.ddsketch, flow.ddsketch) IS
'The sketch of the numbers of two; NULL if one is NULL.  A damaged sketch is an
error (data_corrupted).';

CREATE FUNCTION flow.percentile(sketch flow.ddsketch, fraction double precision)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_dd_value_percentile'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.percentile(flow.ddsketch, double precision) IS
'About the number at place ceil(fraction * n) of n in ascending order, to 0.78 %;
NULL for a sketch without numbers.  A fraction below 0 or above 1 is an error
(invalid_parameter_value), and so is a damaged sketch (data_corrupted).';

CREATE FUNCTION flow.percentile(sketch flow.ddsketch, fractions double precision[])
RETURNS double precision[]
AS 'MODULE_PATHNAME', 'fs_dd_value_percentiles'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.percentile(flow.ddsketch, double precision[]) IS
'The same for each of up to 1000 fractions, in their order.';

CREATE FUNCTION flow.sketch_count(sketch flow.ddsketch)
RETURNS bigint
AS 'MODULE_PATHNAME', 'fs_dd_value_count'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.sketch_count(flow.ddsketch) IS
'How many numbers a sketch is of; exact.  A damaged sketch is an error
(data_corrupted).';

CREATE FUNCTION flow.sketch_min(sketch flow.ddsketch)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_dd_value_min'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.sketch_min(flow.ddsketch) IS
'The smallest number; exact, NULL if there is none.  A damaged sketch is an
error (data_corrupted).';

CREATE FUNCTION flow.sketch_max(sketch flow.ddsketch)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_dd_value_max'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.sketch_max(flow.ddsketch) IS
'The greatest number; exact, NULL if there is none.  A damaged sketch is an
error (data_corrupted).';

CREATE FUNCTION flow.approx_sum(sketch flow.ddsketch)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_dd_value_sum'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.approx_sum(flow.ddsketch) IS
'About the sum of the numbers, NULL if there is none: to 0.78 % of the sum of
their absolute values.  A damaged sketch is an error (data_corrupted).';
