-------------------------------------------------------------------------
-- Names of flows that other monitors know
-------------------------------------------------------------------------

CREATE FUNCTION flow.community_id(src inet, dst inet, sport integer, dport integer, proto integer,
    seed integer DEFAULT 0)
RETURNS text
AS 'MODULE_PATHNAME', 'fs_community_id'
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;

COMMENT ON FUNCTION flow.community_id(inet, inet, integer, integer, integer, integer) IS
'Community ID of a flow, as Zeek, Suricata and others write it, the same for both
directions: flow.community_id(src_addr, dst_addr, src_port, dst_port, proto).  Ports
count for TCP, UDP and SCTP; elsewhere they may be NULL.  Of ICMP and ICMPv6 sport is the type and dport the code,
or dport is type * 256 + code, as flowcollectd, NetFlow and IPFIX have it.  seed must be
that of the other monitor, usually 0.  Masks count for nothing.  Addresses of two
families, ports and seeds beyond 65535 and protocols beyond 255 are an error
(invalid_parameter_value).  Source: Corelight, Community ID Flow Hashing, version 1.';
