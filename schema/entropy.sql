-------------------------------------------------------------------------
-- Entropy
-------------------------------------------------------------------------

CREATE FUNCTION flow.entropy_step(internal, anyelement)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_entropy_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_step(internal, anyelement) IS
'transition function of flow.entropy; not to be called';

CREATE FUNCTION flow.entropy_step(internal, anyelement, bigint)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_entropy_step_int'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_step(internal, anyelement, bigint) IS
'transition function of flow.entropy; not to be called';

CREATE FUNCTION flow.entropy_step(internal, anyelement, double precision)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_entropy_step_float'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_step(internal, anyelement, double precision) IS
'transition function of flow.entropy; not to be called';

CREATE FUNCTION flow.entropy_final(internal)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_entropy_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_final(internal) IS
'final function of flow.entropy; not to be called';

CREATE FUNCTION flow.entropy_norm_final(internal)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_entropy_norm_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_norm_final(internal) IS
'final function of flow.entropy_norm; not to be called';

CREATE AGGREGATE flow.entropy(value anyelement) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy(anyelement) IS
'Shannon entropy of the distribution of value, in bits: 0 for one distinct
value, log2(m) for m equally frequent ones, NULL if there is no value.  Exact.
NULL values are ignored.  Memory, not limited by work_mem: 22 to 43 bytes for
each distinct value, 64 while the table grows, and for a value longer than 7
bytes, or with several forms as numeric 1.0 and 1.00, a copy of at most 40
bytes and twice its length.
A type without equality or hash function is an error (undefined_function).
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy(value anyelement, weight bigint) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy(anyelement, bigint) IS
'Shannon entropy of the distribution of value, in bits: 0 for one distinct
value, log2(m) for m equally frequent ones, NULL if there is no value.  Exact.
NULL values are ignored.  Memory, not limited by work_mem: 22 to 43 bytes for
each distinct value, 64 while the table grows, and for a value longer than 7
bytes, or with several forms as numeric 1.0 and 1.00, a copy of at most 40
bytes and twice its length.
A type without equality or hash function is an error (undefined_function).
A value counts with the sum of its weights, an integer without unit (bytes,
packets).  Rows with a NULL weight are ignored, weight 0 contributes nothing,
a negative weight is an error (invalid_parameter_value), and so is a sum for
one value beyond bigint (numeric_value_out_of_range).
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy(value anyelement, weight double precision) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy(anyelement, double precision) IS
'Shannon entropy of the distribution of value, in bits: 0 for one distinct
value, log2(m) for m equally frequent ones, NULL if there is no value.  Exact.
NULL values are ignored.  Memory, not limited by work_mem: 22 to 43 bytes for
each distinct value, 64 while the table grows, and for a value longer than 7
bytes, or with several forms as numeric 1.0 and 1.00, a copy of at most 40
bytes and twice its length.
A type without equality or hash function is an error (undefined_function).
A value counts with the sum of its weights, any non-negative number; integer
and numeric weights come here, too.  Rows with a NULL weight are ignored,
weight 0 contributes nothing; a negative, infinite or NaN weight is an error
(invalid_parameter_value).  Sums of fractions depend on the order of the rows
in the last place.
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy_norm(value anyelement) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_norm_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy_norm(anyelement) IS
'Shannon entropy of the distribution of value divided by its largest possible
value, log2 of the number of distinct values: between 0 and 1, without unit;
0 for one distinct value, NULL if there is none.  Otherwise as flow.entropy.
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy_norm(value anyelement, weight bigint) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_norm_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy_norm(anyelement, bigint) IS
'Shannon entropy of the distribution of value divided by its largest possible
value, log2 of the number of distinct values: between 0 and 1, without unit;
0 for one distinct value, NULL if there is none.  Otherwise as flow.entropy.
A value counts with the sum of its weights, an integer without unit (bytes,
packets).  Rows with a NULL weight are ignored, weight 0 contributes nothing,
a negative weight is an error (invalid_parameter_value), and so is a sum for
one value beyond bigint (numeric_value_out_of_range).
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy_norm(value anyelement, weight double precision) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_norm_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy_norm(anyelement, double precision) IS
'Shannon entropy of the distribution of value divided by its largest possible
value, log2 of the number of distinct values: between 0 and 1, without unit;
0 for one distinct value, NULL if there is none.  Otherwise as flow.entropy.
A value counts with the sum of its weights, any non-negative number; integer
and numeric weights come here, too.  Rows with a NULL weight are ignored,
weight 0 contributes nothing; a negative, infinite or NaN weight is an error
(invalid_parameter_value).  Sums of fractions depend on the order of the rows
in the last place.
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';
