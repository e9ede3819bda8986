-------------------------------------------------------------------------
-- Sets of addresses
-------------------------------------------------------------------------

CREATE TYPE flow.ipset;

CREATE FUNCTION flow.ipset_in(cstring)
RETURNS flow.ipset
AS 'MODULE_PATHNAME', 'fs_ipset_in'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_in(cstring) IS
'input of flow.ipset; not to be called';

CREATE FUNCTION flow.ipset_out(flow.ipset)
RETURNS cstring
AS 'MODULE_PATHNAME', 'fs_ipset_out'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_out(flow.ipset) IS
'output of flow.ipset; not to be called';

CREATE FUNCTION flow.ipset_recv(internal)
RETURNS flow.ipset
AS 'MODULE_PATHNAME', 'fs_ipset_recv'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_recv(internal) IS
'binary input of flow.ipset; not to be called';

CREATE FUNCTION flow.ipset_send(flow.ipset)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_ipset_send'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_send(flow.ipset) IS
'binary output of flow.ipset; not to be called';

CREATE TYPE flow.ipset (
    INPUT = flow.ipset_in,
    OUTPUT = flow.ipset_out,
    RECEIVE = flow.ipset_recv,
    SEND = flow.ipset_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);

COMMENT ON TYPE flow.ipset IS
'A set of IPv4 and IPv6 addresses, such as {10.0.0.0/8, 192.0.2.1-192.0.2.9,
2001:db8::1}.  IPv4 is kept in blocks of 65,536 addresses as Roaring bitmaps keep
them: 2 bytes an address, 4 a run or 1 bit, whichever is least, and 8 bytes a block;
IPv6 takes 32 bytes a range.  Equal sets have equal bytes.  Text that is no set is an
error (invalid_text_representation), and so is a network with bits right of its mask.';

CREATE FUNCTION flow.ipset(inet)
RETURNS flow.ipset
AS 'MODULE_PATHNAME', 'fs_ipset_of_inet'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset(inet) IS
'The set of the address alone, or of all addresses of its network if it has a mask.';

CREATE CAST (inet AS flow.ipset) WITH FUNCTION flow.ipset(inet);

CREATE FUNCTION flow.ipset_contains(flow.ipset, inet)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_ipset_holds'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_contains(flow.ipset, inet) IS
'Whether the address, or all addresses of the network, are in the set.';

CREATE FUNCTION flow.ipset_contained(inet, flow.ipset)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_ipset_held'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_contained(inet, flow.ipset) IS
'Whether the address, or all addresses of the network, are in the set.';

CREATE FUNCTION flow.ipset_contains(flow.ipset, flow.ipset)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_ipset_contains'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_contains(flow.ipset, flow.ipset) IS
'Whether all addresses of the second set are in the first.';

CREATE FUNCTION flow.ipset_contained(flow.ipset, flow.ipset)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_ipset_contained'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_contained(flow.ipset, flow.ipset) IS
'Whether all addresses of the first set are in the second.';

CREATE FUNCTION flow.ipset_overlaps(flow.ipset, flow.ipset)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_ipset_overlaps'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_overlaps(flow.ipset, flow.ipset) IS
'Whether the sets have an address in common.';

CREATE FUNCTION flow.ipset_eq(flow.ipset, flow.ipset)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_ipset_equal'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_eq(flow.ipset, flow.ipset) IS
'Whether the sets have the same addresses.';

CREATE FUNCTION flow.ipset_ne(flow.ipset, flow.ipset)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_ipset_not_equal'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_ne(flow.ipset, flow.ipset) IS
'Whether the sets differ.';

CREATE FUNCTION flow.ipset_hash(flow.ipset)
RETURNS integer
AS 'MODULE_PATHNAME', 'fs_ipset_hash'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_hash(flow.ipset) IS
'hash function of flow.ipset';

CREATE FUNCTION flow.ipset_union(flow.ipset, flow.ipset)
RETURNS flow.ipset
AS 'MODULE_PATHNAME', 'fs_ipset_union'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_union(flow.ipset, flow.ipset) IS
'The addresses of either set.';

CREATE FUNCTION flow.ipset_intersection(flow.ipset, flow.ipset)
RETURNS flow.ipset
AS 'MODULE_PATHNAME', 'fs_ipset_intersection'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_intersection(flow.ipset, flow.ipset) IS
'The addresses that are in both sets.';

CREATE FUNCTION flow.ipset_difference(flow.ipset, flow.ipset)
RETURNS flow.ipset
AS 'MODULE_PATHNAME', 'fs_ipset_difference'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_difference(flow.ipset, flow.ipset) IS
'The addresses of the first set that are not in the second.';

CREATE OPERATOR flow.@> (
    LEFTARG = flow.ipset, RIGHTARG = inet, FUNCTION = flow.ipset_contains,
    COMMUTATOR = OPERATOR(flow.<@),
    RESTRICT = contsel, JOIN = contjoinsel
);

COMMENT ON OPERATOR flow.@> (flow.ipset, inet) IS 'address or network is in the set';

CREATE OPERATOR flow.<@ (
    LEFTARG = inet, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_contained,
    COMMUTATOR = OPERATOR(flow.@>),
    RESTRICT = contsel, JOIN = contjoinsel
);

COMMENT ON OPERATOR flow.<@ (inet, flow.ipset) IS 'address or network is in the set';

CREATE OPERATOR flow.@> (
    LEFTARG = flow.ipset, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_contains,
    COMMUTATOR = OPERATOR(flow.<@),
    RESTRICT = contsel, JOIN = contjoinsel
);

COMMENT ON OPERATOR flow.@> (flow.ipset, flow.ipset) IS 'second set is in the first';

CREATE OPERATOR flow.<@ (
    LEFTARG = flow.ipset, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_contained,
    COMMUTATOR = OPERATOR(flow.@>),
    RESTRICT = contsel, JOIN = contjoinsel
);

COMMENT ON OPERATOR flow.<@ (flow.ipset, flow.ipset) IS 'first set is in the second';

CREATE OPERATOR flow.&& (
    LEFTARG = flow.ipset, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_overlaps,
    COMMUTATOR = OPERATOR(flow.&&),
    RESTRICT = contsel, JOIN = contjoinsel
);

COMMENT ON OPERATOR flow.&& (flow.ipset, flow.ipset) IS 'sets have an address in common';

CREATE OPERATOR flow.= (
    LEFTARG = flow.ipset, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_eq,
    COMMUTATOR = OPERATOR(flow.=),
    NEGATOR = OPERATOR(flow.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);

COMMENT ON OPERATOR flow.= (flow.ipset, flow.ipset) IS 'sets are the same';

CREATE OPERATOR flow.<> (
    LEFTARG = flow.ipset, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_ne,
    COMMUTATOR = OPERATOR(flow.<>),
    NEGATOR = OPERATOR(flow.=), RESTRICT = neqsel, JOIN = neqjoinsel
);

COMMENT ON OPERATOR flow.<> (flow.ipset, flow.ipset) IS 'sets differ';

CREATE OPERATOR flow.| (
    LEFTARG = flow.ipset, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_union,
    COMMUTATOR = OPERATOR(flow.|)
);

COMMENT ON OPERATOR flow.| (flow.ipset, flow.ipset) IS 'union';

CREATE OPERATOR flow.& (
    LEFTARG = flow.ipset, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_intersection,
    COMMUTATOR = OPERATOR(flow.&)
);

COMMENT ON OPERATOR flow.& (flow.ipset, flow.ipset) IS 'intersection';

CREATE OPERATOR flow.- (
    LEFTARG = flow.ipset, RIGHTARG = flow.ipset, FUNCTION = flow.ipset_difference
);

COMMENT ON OPERATOR flow.- (flow.ipset, flow.ipset) IS 'first set without the second';

CREATE OPERATOR CLASS flow.ipset_ops
DEFAULT FOR TYPE flow.ipset USING hash AS
    OPERATOR 1 flow.= (flow.ipset, flow.ipset),
    FUNCTION 1 flow.ipset_hash(flow.ipset);

COMMENT ON OPERATOR CLASS flow.ipset_ops USING hash IS 'equality of sets of addresses';
COMMENT ON OPERATOR FAMILY flow.ipset_ops USING hash IS 'equality of sets of addresses';

CREATE FUNCTION flow.is_empty(flow.ipset)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_ipset_is_empty'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.is_empty(flow.ipset) IS
'Whether the set has no address.';

CREATE FUNCTION flow.cardinality(flow.ipset)
RETURNS numeric
AS 'MODULE_PATHNAME', 'fs_ipset_cardinality'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.cardinality(flow.ipset) IS
'Number of addresses in the set.';

CREATE FUNCTION flow.members(addrs flow.ipset, most bigint DEFAULT 1000000)
RETURNS SETOF inet
AS 'MODULE_PATHNAME', 'fs_ipset_members'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 1000;

COMMENT ON FUNCTION flow.members(flow.ipset, bigint) IS
'The addresses of the set in order, IPv4 first.  A set of more than most addresses is an
error (program_limit_exceeded), a negative most, too (invalid_parameter_value).';

CREATE FUNCTION flow.prefixes(flow.ipset)
RETURNS SETOF cidr
AS 'MODULE_PATHNAME', 'fs_ipset_prefixes'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 1000;

COMMENT ON FUNCTION flow.prefixes(flow.ipset) IS
'The fewest networks that together have the addresses of the set, in order, IPv4 first.';

CREATE FUNCTION flow.ipset_agg_step(internal, inet)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_ipset_agg_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_agg_step(internal, inet) IS
'transition function of flow.ipset_agg; not to be called';

CREATE FUNCTION flow.ipset_agg_step(internal, flow.ipset)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_ipset_agg_step_set'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_agg_step(internal, flow.ipset) IS
'transition function of flow.ipset_agg; not to be called';

CREATE FUNCTION flow.ipset_agg_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_ipset_agg_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_agg_combine(internal, internal) IS
'combine function of flow.ipset_agg; not to be called';

CREATE FUNCTION flow.ipset_agg_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_ipset_agg_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_agg_serialize(internal) IS
'serialization function of flow.ipset_agg; not to be called';

CREATE FUNCTION flow.ipset_agg_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_ipset_agg_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_agg_deserialize(bytea, internal) IS
'deserialization function of flow.ipset_agg; not to be called';

CREATE FUNCTION flow.ipset_agg_final(internal)
RETURNS flow.ipset
AS 'MODULE_PATHNAME', 'fs_ipset_agg_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.ipset_agg_final(internal) IS
'final function of flow.ipset_agg; not to be called';

CREATE AGGREGATE flow.ipset_agg(inet) (
    SFUNC = flow.ipset_agg_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.ipset_agg_final,
    COMBINEFUNC = flow.ipset_agg_combine,
    SERIALFUNC = flow.ipset_agg_serialize,
    DESERIALFUNC = flow.ipset_agg_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.ipset_agg(inet) IS
'The set of all addresses of the group; one with a mask stands for its network.  NULL
counts for nothing; without rows the set is empty.  While it is made it takes 32 to 64 bytes
for each range.';

CREATE AGGREGATE flow.ipset_agg(flow.ipset) (
    SFUNC = flow.ipset_agg_step,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = flow.ipset_agg_final,
    COMBINEFUNC = flow.ipset_agg_combine,
    SERIALFUNC = flow.ipset_agg_serialize,
    DESERIALFUNC = flow.ipset_agg_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.ipset_agg(flow.ipset) IS
'The union of all sets of the group.  NULL counts for nothing; without rows the set is
empty.';
