-------------------------------------------------------------------------
-- The heaviest values, about: flow.topk_sketch
-------------------------------------------------------------------------

CREATE TYPE flow.topk_sketch;

CREATE FUNCTION flow.topk_sketch_in(cstring)
RETURNS flow.topk_sketch
AS 'MODULE_PATHNAME', 'fs_heavy_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_in(cstring) IS
'input function of type flow.topk_sketch; what is not a sketch is an error
(invalid_text_representation)';

CREATE FUNCTION flow.topk_sketch_out(flow.topk_sketch)
RETURNS cstring
AS 'MODULE_PATHNAME', 'fs_sketch_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_out(flow.topk_sketch) IS
'output function of type flow.topk_sketch';

CREATE FUNCTION flow.topk_sketch_recv(internal)
RETURNS flow.topk_sketch
AS 'MODULE_PATHNAME', 'fs_heavy_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_recv(internal) IS
'binary input function of type flow.topk_sketch; what is not a sketch is an error
(invalid_binary_representation)';

CREATE FUNCTION flow.topk_sketch_send(flow.topk_sketch)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_sketch_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_send(flow.topk_sketch) IS
'binary output function of type flow.topk_sketch';

CREATE TYPE flow.topk_sketch (
    INPUT = flow.topk_sketch_in,
    OUTPUT = flow.topk_sketch_out,
    RECEIVE = flow.topk_sketch_recv,
    SEND = flow.topk_sketch_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = external
);

COMMENT ON TYPE flow.topk_sketch IS
'A sketch of values with weights that tells the heaviest.  Of capacity k it
keeps at most 2k values.  Up to that many are exact; beyond, the weight of a
value is too high by at most its error, which is at most the bound, and that is
at most the total of all weights divided by k + 1, always.  A value that is not
in the sketch weighs at most the bound.  Values are kept as to_jsonb() shows
them, as UTF-8, times in UTC.  While values are exact, the bytes depend on the
rows only; beyond, which values are kept depends on their order and the plan,
within these bounds.  Sketches of one capacity can be merged; damaged bytes are
an error.
Made by flow.topk_agg, united by flow.merge, asked by flow.estimate,
flow.sketch_total and flow.sketch_bound.
Source: Space-Saving (Metwally et al. 2005), merging by Agarwal et al. 2012,
evictions in bulk by Anderson et al. 2017.';

CREATE FUNCTION flow.approx_topk_step(internal, anyelement, integer)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_heavy_top_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.approx_topk_step(internal, anyelement, integer) IS
'transition function of flow.approx_topk; not to be called';

CREATE FUNCTION flow.approx_topk_step(internal, anyelement, integer, bigint)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_heavy_top_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.approx_topk_step(internal, anyelement, integer, bigint) IS
'transition function of flow.approx_topk; not to be called';

CREATE FUNCTION flow.topk_agg_step(internal, anyelement, integer)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_heavy_sketch_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_agg_step(internal, anyelement, integer) IS
'transition function of flow.topk_agg; not to be called';

CREATE FUNCTION flow.topk_agg_step(internal, anyelement, integer, bigint)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_heavy_sketch_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_agg_step(internal, anyelement, integer, bigint) IS
'transition function of flow.topk_agg; not to be called';

CREATE FUNCTION flow.topk_sketch_merge_step(internal, flow.topk_sketch)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_heavy_merge_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_merge_step(internal, flow.topk_sketch) IS
'transition function of flow.merge; not to be called';

CREATE FUNCTION flow.topk_sketch_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_heavy_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_combine(internal, internal) IS
'combine function of flow.approx_topk; not to be called';

CREATE FUNCTION flow.topk_sketch_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_heavy_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_serialize(internal) IS
'serialization function of flow.approx_topk; not to be called';

CREATE FUNCTION flow.topk_sketch_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_heavy_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_deserialize(bytea, internal) IS
'deserialization function of flow.approx_topk; not to be called';

CREATE FUNCTION flow.approx_topk_final(internal)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'fs_heavy_top_final'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.approx_topk_final(internal) IS
'final function of flow.approx_topk; not to be called';

CREATE FUNCTION flow.topk_agg_final(internal)
RETURNS flow.topk_sketch
AS 'MODULE_PATHNAME', 'fs_heavy_sketch_final'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_agg_final(internal) IS
'final function of flow.topk_agg; not to be called';

CREATE FUNCTION flow.topk_sketch_merge_final(internal)
RETURNS flow.topk_sketch
AS 'MODULE_PATHNAME', 'fs_heavy_merge_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_sketch_merge_final(internal) IS
'final function of flow.merge; not to be called';

CREATE AGGREGATE flow.approx_topk(value anyelement, n integer) (
    SFUNC = flow.approx_topk_step,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = flow.approx_topk_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.topk_sketch_combine,
    SERIALFUNC = flow.topk_sketch_serialize,
    DESERIALFUNC = flow.topk_sketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.approx_topk(anyelement, integer) IS
'About the n values with the largest weight, by weight descending, then by value
ascending: [{"value": v, "weight": w, "error": e, "bound": b}, ...], as flow.topk
shows them.  The weight is between w - e and w, and e is at most b, the most
that a value can weigh of which nothing was kept; b is at most the total of all
weights / (k + 1), where k is 10 n and at least 1000.  With up to 2k distinct values
all is exact, and e and b are 0.
The weight of a value is the number of its rows.
NULL values are ignored, NULL if there is none.  n is between 1 and
100000 and the same for all rows of a group, else an error
(invalid_parameter_value; null_value_not_allowed for NULL).  A group takes at
most 2k values with 32 to 64 bytes each, and for a value longer than 7 bytes a
copy of at most 40 bytes and twice its length.  A type without equality, hash
function or order is an error (undefined_function).  Beyond 2k values the
answer depends on the order of the rows and the plan, within these bounds.';

CREATE AGGREGATE flow.approx_topk(value anyelement, n integer, weight bigint) (
    SFUNC = flow.approx_topk_step,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = flow.approx_topk_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.topk_sketch_combine,
    SERIALFUNC = flow.topk_sketch_serialize,
    DESERIALFUNC = flow.topk_sketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.approx_topk(anyelement, integer, bigint) IS
'About the n values with the largest weight, by weight descending, then by value
ascending: [{"value": v, "weight": w, "error": e, "bound": b}, ...], as flow.topk
shows them.  The weight is between w - e and w, and e is at most b, the most
that a value can weigh of which nothing was kept; b is at most the total of all
weights / (k + 1), where k is 10 n and at least 1000.  With up to 2k distinct values
all is exact, and e and b are 0.
A value counts with the sum of its weights, an integer without unit (bytes,
packets).  Rows with a NULL weight are ignored, weight 0 contributes nothing, a
negative weight is an error (invalid_parameter_value), and so is a total beyond
bigint (numeric_value_out_of_range).
NULL values are ignored, NULL if there is none.  n is between 1 and
100000 and the same for all rows of a group, else an error
(invalid_parameter_value; null_value_not_allowed for NULL).  A group takes at
most 2k values with 32 to 64 bytes each, and for a value longer than 7 bytes a
copy of at most 40 bytes and twice its length.  A type without equality, hash
function or order is an error (undefined_function).  Beyond 2k values the
answer depends on the order of the rows and the plan, within these bounds.';

CREATE AGGREGATE flow.topk_agg(value anyelement, capacity integer) (
    SFUNC = flow.topk_agg_step,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = flow.topk_agg_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.topk_sketch_combine,
    SERIALFUNC = flow.topk_sketch_serialize,
    DESERIALFUNC = flow.topk_sketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk_agg(anyelement, integer) IS
'The sketch of the values, to be kept in a table and merged; NULL if there is
no value.  capacity is k of type flow.topk_sketch, between 1 and 1000000, and
the same for all rows of a group, else an error (invalid_parameter_value).
The weight of a value is the number of its rows.  Otherwise as flow.approx_topk.';

CREATE AGGREGATE flow.topk_agg(value anyelement, capacity integer, weight bigint) (
    SFUNC = flow.topk_agg_step,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = flow.topk_agg_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.topk_sketch_combine,
    SERIALFUNC = flow.topk_sketch_serialize,
    DESERIALFUNC = flow.topk_sketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk_agg(anyelement, integer, bigint) IS
'The sketch of the values, to be kept in a table and merged; NULL if there is
no value.  capacity is k of type flow.topk_sketch, between 1 and 1000000, and
the same for all rows of a group, else an error (invalid_parameter_value).
A value counts with the sum of its weights.  Otherwise as flow.approx_topk.';

CREATE AGGREGATE flow.merge(sketch flow.topk_sketch) (
    SFUNC = flow.topk_sketch_merge_step,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = flow.topk_sketch_merge_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.topk_sketch_combine,
    SERIALFUNC = flow.topk_sketch_serialize,
    DESERIALFUNC = flow.topk_sketch_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.merge(flow.topk_sketch) IS
'The sketch of all values with all their weights, with the errors that type
flow.topk_sketch states.  NULL sketches are ignored, NULL if there is none.
Sketches of different capacities are an error (invalid_parameter_value), and so
are a damaged one (data_corrupted) and a total beyond bigint
(numeric_value_out_of_range).';

CREATE FUNCTION flow.merge(a flow.topk_sketch, b flow.topk_sketch)
RETURNS flow.topk_sketch
AS 'MODULE_PATHNAME', 'fs_heavy_value_merge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.merge(flow.topk_sketch, flow.topk_sketch) IS
'The sketch of the values of two; NULL if one is NULL.  Errors as those of the
aggregate.';

CREATE FUNCTION flow.estimate(sketch flow.topk_sketch, n integer)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'fs_heavy_value_estimate'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.estimate(flow.topk_sketch, integer) IS
'The n heaviest values of a sketch as flow.approx_topk shows them, by weight
descending, then by their text; NULL if there is none.  n below 1 is an error
(invalid_parameter_value), and so is a damaged sketch (data_corrupted).';

CREATE FUNCTION flow.sketch_total(sketch flow.topk_sketch)
RETURNS bigint
AS 'MODULE_PATHNAME', 'fs_heavy_value_total'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.sketch_total(flow.topk_sketch) IS
'The sum of all weights that went into a sketch; exact.  A damaged sketch is an
error (data_corrupted).';

CREATE FUNCTION flow.sketch_bound(sketch flow.topk_sketch)
RETURNS bigint
AS 'MODULE_PATHNAME', 'fs_heavy_value_bound'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.sketch_bound(flow.topk_sketch) IS
'What a value of which the sketch kept nothing weighs at most; 0 if all is exact.
A damaged sketch is an error (data_corrupted).';
