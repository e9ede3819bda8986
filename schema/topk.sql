-------------------------------------------------------------------------
-- Top-n
-------------------------------------------------------------------------

CREATE FUNCTION flow.topk_step(internal, anyelement, integer)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_topk_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_step(internal, anyelement, integer) IS
'transition function of flow.topk; not to be called';

CREATE FUNCTION flow.topk_step(internal, anyelement, integer, bigint)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_topk_step_int'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_step(internal, anyelement, integer, bigint) IS
'transition function of flow.topk; not to be called';

CREATE FUNCTION flow.topk_step(internal, anyelement, integer, double precision)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_topk_step_float'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_step(internal, anyelement, integer, double precision) IS
'transition function of flow.topk; not to be called';

CREATE FUNCTION flow.topk_final(internal)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'fs_topk_final'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_final(internal) IS
'final function of flow.topk; not to be called';

CREATE FUNCTION flow.topk_values_final(internal, anyelement, integer)
RETURNS anyarray
AS 'MODULE_PATHNAME', 'fs_topk_values_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_values_final(internal, anyelement, integer) IS
'final function of flow.topk_values; not to be called';

CREATE FUNCTION flow.topk_values_final(internal, anyelement, integer, bigint)
RETURNS anyarray
AS 'MODULE_PATHNAME', 'fs_topk_values_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_values_final(internal, anyelement, integer, bigint) IS
'final function of flow.topk_values; not to be called';

CREATE FUNCTION flow.topk_values_final(internal, anyelement, integer, double precision)
RETURNS anyarray
AS 'MODULE_PATHNAME', 'fs_topk_values_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_values_final(internal, anyelement, integer, double precision) IS
'final function of flow.topk_values; not to be called';

CREATE AGGREGATE flow.topk(value anyelement, n integer) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk(anyelement, integer) IS
'The n values with the largest weight, by weight descending, then by value
ascending: [{"value": v, "weight": w}, ...].  Values appear as to_jsonb()
shows them.  Exact, not an estimate.  Fewer than n elements if there are fewer
values, NULL if there is none.  NULL values are ignored.  Memory, not limited
by work_mem: 22 to 43 bytes for each distinct value, 64 while the table grows,
and for a value longer than 7 bytes, or with several forms as numeric 1.0 and
1.00, a copy of at most 40 bytes and twice its length.
Sorting takes another 32 bytes for each of n, or of the values if there are
fewer.  n is between 1 and 1000000 and the same for all rows of a group,
else an error (invalid_parameter_value; null_value_not_allowed for NULL).
A type without equality, hash function or order is an error
(undefined_function).  As rows:
  jsonb_to_recordset(flow.topk(...)) AS t(value inet, weight bigint)
The weight of a value is the number of its rows.';

CREATE AGGREGATE flow.topk(value anyelement, n integer, weight bigint) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk(anyelement, integer, bigint) IS
'The n values with the largest weight, by weight descending, then by value
ascending: [{"value": v, "weight": w}, ...].  Values appear as to_jsonb()
shows them.  Exact, not an estimate.  Fewer than n elements if there are fewer
values, NULL if there is none.  NULL values are ignored.  Memory, not limited
by work_mem: 22 to 43 bytes for each distinct value, 64 while the table grows,
and for a value longer than 7 bytes, or with several forms as numeric 1.0 and
1.00, a copy of at most 40 bytes and twice its length.
Sorting takes another 32 bytes for each of n, or of the values if there are
fewer.  n is between 1 and 1000000 and the same for all rows of a group,
else an error (invalid_parameter_value; null_value_not_allowed for NULL).
A type without equality, hash function or order is an error
(undefined_function).  As rows:
  jsonb_to_recordset(flow.topk(...)) AS t(value inet, weight bigint)
A value counts with the sum of its weights, an integer without unit (bytes,
packets).  Rows with a NULL weight are ignored, weight 0 contributes nothing,
a negative weight is an error (invalid_parameter_value), and so is a sum for
one value beyond bigint (numeric_value_out_of_range).';

CREATE AGGREGATE flow.topk(value anyelement, n integer, weight double precision) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk(anyelement, integer, double precision) IS
'The n values with the largest weight, by weight descending, then by value
ascending: [{"value": v, "weight": w}, ...].  Values appear as to_jsonb()
shows them.  Exact, not an estimate.  Fewer than n elements if there are fewer
values, NULL if there is none.  NULL values are ignored.  Memory, not limited
by work_mem: 22 to 43 bytes for each distinct value, 64 while the table grows,
and for a value longer than 7 bytes, or with several forms as numeric 1.0 and
1.00, a copy of at most 40 bytes and twice its length.
Sorting takes another 32 bytes for each of n, or of the values if there are
fewer.  n is between 1 and 1000000 and the same for all rows of a group,
else an error (invalid_parameter_value; null_value_not_allowed for NULL).
A type without equality, hash function or order is an error
(undefined_function).  As rows:
  jsonb_to_recordset(flow.topk(...)) AS t(value inet, weight bigint)
A value counts with the sum of its weights, any non-negative number; integer
and numeric weights come here, too.  Rows with a NULL weight are ignored,
weight 0 contributes nothing; a negative, infinite or NaN weight is an error
(invalid_parameter_value).  Weights are summed as double precision and shown
with as many digits as tell a sum from its neighbours: whole numbers are exact
up to 2^53 = 9007199254740992.  Larger ones, as from sum(bigint), which is
numeric, are exact if cast to bigint.  Sums of fractions depend on the order of
the rows in the last place.';

CREATE AGGREGATE flow.topk_values(value anyelement, n integer) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_values_final,
    FINALFUNC_EXTRA,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk_values(anyelement, integer) IS
'The values of flow.topk as an array of their own type, in the same order and
with the same errors.  Both called with the same arguments cost as one.';

CREATE AGGREGATE flow.topk_values(value anyelement, n integer, weight bigint) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_values_final,
    FINALFUNC_EXTRA,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk_values(anyelement, integer, bigint) IS
'The values of flow.topk as an array of their own type, in the same order and
with the same errors.  Both called with the same arguments cost as one.';

CREATE AGGREGATE flow.topk_values(value anyelement, n integer, weight double precision) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_values_final,
    FINALFUNC_EXTRA,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk_values(anyelement, integer, double precision) IS
'The values of flow.topk as an array of their own type, in the same order and
with the same errors.  Both called with the same arguments cost as one.';
