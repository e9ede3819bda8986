-------------------------------------------------------------------------
-- Addresses
-------------------------------------------------------------------------

CREATE FUNCTION flow.is_internal_support(internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_is_internal_support'
LANGUAGE C STRICT;

COMMENT ON FUNCTION flow.is_internal_support(internal) IS
'planner support of flow.is_internal; not to be called';

CREATE FUNCTION flow.is_internal(addr inet)
RETURNS boolean
AS 'MODULE_PATHNAME', 'fs_is_internal'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1
SUPPORT flow.is_internal_support;

COMMENT ON FUNCTION flow.is_internal(inet) IS
'Whether addr lies in one of the networks of setting flowstore.internal_networks:
by default private, link-local and loopback space (RFC 1918, 3927, 1122, 4193,
4291).  A network lies in another if all of its addresses do.  With 2 to 16
networks the planner says "addr <<= network OR ...", so that scans prune by it;
with more, each value is looked up by binary search.';

CREATE FUNCTION flow.subnet(addr inet, bits_v4 integer, bits_v6 integer)
RETURNS cidr
AS 'MODULE_PATHNAME', 'fs_subnet'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.subnet(inet, integer, integer) IS
'The network of addr: its first bits_v4 bits if it is IPv4, its first bits_v6 if it
is IPv6, the rest 0.  Lengths beyond 0 to 32 and 0 to 128 are an error
(invalid_parameter_value), whichever family addr is of.  A mask that addr has
counts for nothing.';
