-------------------------------------------------------------------------
-- Names of numbers
-------------------------------------------------------------------------

CREATE FUNCTION flow.proto_name(proto integer)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE proto
        WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4'
        WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 9 THEN 'igp' WHEN 17 THEN 'udp'
        WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route'
        WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp'
        WHEN 51 THEN 'ah' WHEN 58 THEN 'ipv6-icmp' WHEN 59 THEN 'ipv6-nonxt'
        WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip'
        WHEN 97 THEN 'etherip' WHEN 98 THEN 'encap' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp'
        WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 124 THEN 'isis' WHEN 132 THEN 'sctp'
        WHEN 133 THEN 'fc' WHEN 136 THEN 'udplite' WHEN 137 THEN 'mpls-in-ip'
        ELSE proto::text END;
END;

COMMENT ON FUNCTION flow.proto_name(integer) IS
'The name of an IP protocol in small letters (IANA, Assigned Internet Protocol
Numbers), the number as text if it is not among the known ones.';

CREATE FUNCTION flow.flags_text(tcp_flags integer)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN tcp_flags & 1 <> 0 THEN 'F' ELSE '' END
        || CASE WHEN tcp_flags & 2 <> 0 THEN 'S' ELSE '' END
        || CASE WHEN tcp_flags & 4 <> 0 THEN 'R' ELSE '' END
        || CASE WHEN tcp_flags & 8 <> 0 THEN 'P' ELSE '' END
        || CASE WHEN tcp_flags & 16 <> 0 THEN 'A' ELSE '' END
        || CASE WHEN tcp_flags & 32 <> 0 THEN 'U' ELSE '' END
        || CASE WHEN tcp_flags & 64 <> 0 THEN 'E' ELSE '' END
        || CASE WHEN tcp_flags & 128 <> 0 THEN 'C' ELSE '' END;
END;

COMMENT ON FUNCTION flow.flags_text(integer) IS
'A letter for each TCP flag that is set, in order of their bits: FIN 1, SYN 2, RST
4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128 (RFC 9293, RFC 3168).';

CREATE FUNCTION flow.log2_bucket(value bigint)
RETURNS integer
AS 'MODULE_PATHNAME', 'fs_log2_bucket'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.log2_bucket(bigint) IS
'The power of two below or at value: floor(log2(value)), 0 to 62, exactly; -1 for
0.  A negative value is an error (invalid_parameter_value).';

CREATE TABLE flow.service (
    proto smallint NOT NULL,
    port integer NOT NULL CHECK (port BETWEEN 0 AND 65535),
    name text NOT NULL,
    own boolean NOT NULL DEFAULT true,
    PRIMARY KEY (port, proto)
);

COMMENT ON TABLE flow.service IS
'Names of ports, for flow.port_name: by IP protocol number and port (IANA, Service
Name and Transport Protocol Port Number Registry, and common usage).  Rows may be
added; pg_dump keeps those, by the mark in column own, but no changes to others.';

COMMENT ON COLUMN flow.service.own IS 'false for the rows that come with the extension';

INSERT INTO flow.service (proto, port, name, own)
SELECT p, port, name, false
FROM (VALUES
    ('6', 20, 'ftp-data'), ('6', 21, 'ftp'), ('6', 22, 'ssh'), ('6', 23, 'telnet'), ('6', 25, 'smtp'),
    ('6', 43, 'whois'), ('6,17', 49, 'tacacs'), ('6,17', 53, 'domain'), ('17', 67, 'bootps'),
    ('17', 68, 'bootpc'), ('17', 69, 'tftp'), ('6', 70, 'gopher'), ('6', 79, 'finger'),
    ('6,17', 80, 'http'), ('6,17', 88, 'kerberos'), ('6', 102, 'iso-tsap'), ('6', 110, 'pop3'),
    ('6,17', 111, 'sunrpc'), ('6', 113, 'auth'), ('6', 119, 'nntp'), ('17', 123, 'ntp'),
    ('6,17', 135, 'epmap'), ('17', 137, 'netbios-ns'), ('17', 138, 'netbios-dgm'),
    ('6', 139, 'netbios-ssn'), ('6', 143, 'imap'), ('17', 161, 'snmp'), ('17', 162, 'snmptrap'),
    ('6', 179, 'bgp'), ('6', 194, 'irc'), ('6,17', 264, 'bgmp'), ('6,17', 389, 'ldap'),
    ('6,17', 443, 'https'), ('6', 445, 'microsoft-ds'), ('6,17', 464, 'kpasswd'), ('6', 465, 'submissions'),
    ('17', 500, 'isakmp'), ('6', 502, 'mbap'), ('6', 512, 'exec'), ('6', 513, 'login'), ('6', 514, 'shell'),
    ('17', 514, 'syslog'), ('6', 515, 'printer'), ('17', 520, 'router'), ('17', 521, 'ripng'),
    ('6', 548, 'afpovertcp'), ('6', 554, 'rtsp'), ('17', 546, 'dhcpv6-client'), ('17', 547, 'dhcpv6-server'),
    ('6', 563, 'nntps'), ('6', 587, 'submission'), ('17', 623, 'asf-rmcp'), ('6', 631, 'ipp'),
    ('6', 636, 'ldaps'), ('6', 646, 'ldp'), ('17', 646, 'ldp'), ('6', 853, 'domain-s'), ('17', 853, 'domain-s'),
    ('6', 873, 'rsync'), ('6', 902, 'ideafarm-door'), ('6', 989, 'ftps-data'), ('6', 990, 'ftps'),
    ('6', 993, 'imaps'), ('6', 995, 'pop3s'), ('6', 1080, 'socks'), ('17', 1194, 'openvpn'),
    ('6', 1194, 'openvpn'), ('6', 1352, 'lotusnote'), ('6', 1433, 'ms-sql-s'), ('17', 1434, 'ms-sql-m'),
    ('6', 1521, 'oracle'), ('17', 1701, 'l2f'), ('6', 1723, 'pptp'), ('17', 1812, 'radius'),
    ('17', 1813, 'radius-acct'), ('6', 1883, 'mqtt'), ('17', 1900, 'ssdp'), ('6', 1935, 'macromedia-fcs'),
    ('6', 2049, 'nfs'), ('17', 2049, 'nfs'), ('17', 2055, 'netflow'), ('6', 2181, 'zookeeper'),
    ('6', 2375, 'docker'), ('6', 2376, 'docker-s'), ('6', 2379, 'etcd-client'), ('6', 3000, 'grafana'),
    ('6', 3128, 'squid'), ('6', 3268, 'msft-gc'), ('6', 3269, 'msft-gc-ssl'), ('6', 3306, 'mysql'),
    ('6,17', 3389, 'ms-wbt-server'), ('17', 3478, 'stun'), ('6', 3478, 'stun'), ('17', 4500, 'ipsec-nat-t'),
    ('17', 4739, 'ipfix'), ('6', 4739, 'ipfix'), ('17', 4789, 'vxlan'), ('6', 5060, 'sip'),
    ('17', 5060, 'sip'), ('6', 5061, 'sips'), ('6', 5222, 'xmpp-client'), ('6', 5269, 'xmpp-server'),
    ('17', 5353, 'mdns'), ('17', 5355, 'llmnr'), ('6', 5432, 'postgresql'), ('6', 5601, 'kibana'),
    ('6', 5671, 'amqps'), ('6', 5672, 'amqp'), ('17', 5683, 'coap'), ('6', 5900, 'rfb'),
    ('6', 5985, 'wsman'), ('6', 5986, 'wsmans'), ('6', 6000, 'x11'), ('17', 6081, 'geneve'),
    ('17', 6343, 'sflow'), ('6', 6379, 'redis'), ('6', 6443, 'kubernetes'), ('6', 6514, 'syslog-tls'),
    ('6', 6667, 'ircu'), ('6', 6697, 'ircs-u'), ('6', 7000, 'cassandra'), ('6', 8000, 'http-alt'),
    ('6', 8080, 'http-alt'), ('6', 8443, 'https-alt'), ('6', 8883, 'secure-mqtt'), ('6', 9000, 'questdb'),
    ('6', 9042, 'cassandra-client'), ('6', 9092, 'kafka'), ('6', 9090, 'prometheus'), ('6', 9100, 'pdl-datastream'),
    ('6', 9200, 'elasticsearch'), ('6', 10050, 'zabbix-agent'), ('6', 10051, 'zabbix-trapper'),
    ('6', 11211, 'memcache'), ('17', 11211, 'memcache'), ('6', 20000, 'dnp'), ('6', 25565, 'minecraft'),
    ('6', 27017, 'mongodb'), ('17', 33434, 'traceroute'), ('17', 41641, 'tailscale'), ('17', 47808, 'bacnet'),
    ('17', 51820, 'wireguard')) s(protos, port, name),
    unnest(string_to_array(protos, ',')::smallint[]) p;

SELECT pg_catalog.pg_extension_config_dump('flow.service', 'WHERE own');

GRANT SELECT ON flow.service TO PUBLIC;

CREATE FUNCTION flow.port_name(port integer, proto integer DEFAULT 6)
RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT s.name FROM flow.service s
                     WHERE s.port = port_name.port AND s.proto = port_name.proto), port::text);
END;

COMMENT ON FUNCTION flow.port_name(integer, integer) IS
'The name of a port of an IP protocol (6 TCP, 17 UDP) in flow.service, the number as
text if it has none there.';
