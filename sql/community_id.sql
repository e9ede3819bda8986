-- flow.community_id.
-- Without this test: names that Zeek and Suricata do not know.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;

-- the baseline of the specification (corelight/community-id-spec, baseline_deflt.json and baseline_seed1.json)
CREATE TABLE community_id_baseline (proto int, src inet, dst inet, sport int, dport int, seed0 text, seed1 text);
INSERT INTO community_id_baseline VALUES
  (58, 'fe80::200:86ff:fe05:80da', 'fe80::260:97ff:fe07:69ea', 135, 136, '1:dGHyGvjMfljg6Bppwm3bg0LO8TY=', '1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY='),
  (58, 'fe80::260:97ff:fe07:69ea', 'fe80::200:86ff:fe05:80da', 136, 135, '1:dGHyGvjMfljg6Bppwm3bg0LO8TY=', '1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY='),
  (58, 'fe80::260:97ff:fe07:69ea', 'fe80::200:86ff:fe05:80da', 135, 136, '1:zavyT/cezQr1fmImYCwYnMXbgck=', '1:2hSqmsDZ2kdcY9kbiUzOEBic0iM='),
  (58, 'fe80::200:86ff:fe05:80da', 'fe80::260:97ff:fe07:69ea', 136, 135, '1:zavyT/cezQr1fmImYCwYnMXbgck=', '1:2hSqmsDZ2kdcY9kbiUzOEBic0iM='),
  (58, '3ffe:501:1800:2345::2', '3ffe:507:0:1:200:86ff:fe05:80da', 3, 0, '1:2ObVBgIn28oZvibYZhZMBgh7WdQ=', '1:lVEtCZpYu84Xqaa++3lXFyuu2n4='),
  (58, '3ffe:501:410:0:2c0:dfff:fe47:33e', '3ffe:507:0:1:200:86ff:fe05:80da', 1, 4, '1:hLZd0XGWojozrvxqE0dWB1iM6R0=', '1:W8MHwXpWzpoSTD+cGcaJr4u0ys8='),
  (58, '3ffe:507:0:1:200:86ff:fe05:80da', '3ffe:501:0:1001::2', 128, 129, '1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=', '1:GfZxjAkDk2MkegpBYHV6tadtFXQ='),
  (58, '3ffe:501:0:1001::2', '3ffe:507:0:1:200:86ff:fe05:80da', 129, 128, '1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=', '1:GfZxjAkDk2MkegpBYHV6tadtFXQ='),
  (58, 'fe80::200:86ff:fe05:80da', 'ff02::2', 133, 134, '1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=', '1:L7Ka0ZMYu+J3bL4ulW2PrqyXNo8='),
  (58, 'fe80::260:97ff:fe07:69ea', 'ff02::1', 134, 133, '1:pkvHqCL88/tg1k4cPigmZXUtL00=', '1:K/ee5UCqAMAQXDorP5nSa2CGLjc='),
  (1, '192.168.0.89', '192.168.0.1', 8, 0, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk=', '1:03g6IloqVBdcZlPyX8r0hgoE7kA='),
  (1, '192.168.0.1', '192.168.0.89', 0, 8, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk=', '1:03g6IloqVBdcZlPyX8r0hgoE7kA='),
  (1, '10.0.0.1', '10.0.0.2', 11, 0, '1:YHxtAirCG//0OzkcVAukqKQN9xM=', '1:XjUibYHaafLQ3pxQeiMI8g25q20='),
  (6, '2001:470:e5bf:dead:4957:2174:e82c:4887', '2607:f8b0:400c:c03::1a', 63943, 25, '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=', '1:eJYTW6AOzFLlSUoESovMjnu7rMw='),
  (6, '2607:f8b0:400c:c03::1a', '2001:470:e5bf:dead:4957:2174:e82c:4887', 25, 63943, '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=', '1:eJYTW6AOzFLlSUoESovMjnu7rMw='),
  (132, '192.168.170.8', '192.168.170.56', 7, 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=', '1:5w3ZRjeKBzqT3zsaEECDGjUbYeg='),
  (132, '192.168.170.56', '192.168.170.8', 7, 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=', '1:5w3ZRjeKBzqT3zsaEECDGjUbYeg='),
  (6, '128.232.110.120', '66.35.250.204', 34855, 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg=', '1:3V71V58M3Ksw/yuFALMcW0LAHvc='),
  (6, '66.35.250.204', '128.232.110.120', 80, 34855, '1:LQU9qZlK+B5F3KDmev6m5PMibrg=', '1:3V71V58M3Ksw/yuFALMcW0LAHvc='),
  (17, '192.168.1.52', '8.8.8.8', 54585, 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ=', '1:Q9We8WO3piVF8yEQBNJF4uiSVrI='),
  (17, '8.8.8.8', '192.168.1.52', 53, 54585, '1:d/FP5EW3wiY1vCndhwleRRKHowQ=', '1:Q9We8WO3piVF8yEQBNJF4uiSVrI='),
  (46, '10.1.12.1', '10.1.12.2', 0, 0, '1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=', '1:rYir8gphR31noO9iDRQmF/BteEI='),
  (46, '10.1.12.2', '10.1.12.1', 0, 0, '1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=', '1:rYir8gphR31noO9iDRQmF/BteEI=');
SELECT count(*), count(*) FILTER (WHERE flow.community_id(src, dst, sport, dport, proto) <> seed0) AS wrong,
       count(*) FILTER (WHERE flow.community_id(src, dst, sport, dport, proto, 1) <> seed1) AS wrong_with_seed
FROM community_id_baseline;
SELECT * FROM community_id_baseline WHERE flow.community_id(src, dst, sport, dport, proto) <> seed0;
-- ICMP as flowcollectd has it, type * 256 + code; the code of a type that is answered does not count
SELECT count(*), count(*) FILTER (WHERE flow.community_id(src, dst, 0,
         sport * 256 + CASE WHEN dport = 0 OR sport IN (1, 3, 11) THEN dport ELSE 0 END, proto) <> seed0) AS wrong
FROM community_id_baseline WHERE proto IN (1, 58);

-- both directions, ends with one address, protocols without ports: the definition by hashlib, base64 and ipaddress of
-- Python for the same thousand flows gives names that, with commas between them, have the MD5 below
SELECT count(*), count(DISTINCT id), md5(string_agg(id, ',' ORDER BY i)) = 'f4d0a60d865379719c125039b5b16424' AS is_same,
       count(*) FILTER (WHERE id <> flow.community_id(b, a, q, p, proto, seed)) AS differs_back
FROM (SELECT *, flow.community_id(a, b, p, q, proto, seed) AS id FROM (
        SELECT i, CASE WHEN i % 2 = 0 THEN '10.0.0.0'::inet + i * 7919::bigint % 65537 ELSE '2001:db8::'::inet + i * 7919::bigint % 65537 END AS a,
               CASE WHEN i % 2 = 0 THEN '10.0.0.0'::inet + i * 104729::bigint % 65537 ELSE '2001:db8::'::inet + CASE WHEN i % 7 = 0 THEN i * 7919::bigint ELSE i * 104729::bigint END % 65537 END AS b,
               i * 31 % 65536 AS p, i * 6007 % 65536 AS q, (ARRAY[6, 17, 132, 47, 50, 255])[i % 6 + 1] AS proto, i % 5 * 13000 AS seed
        FROM generate_series(1, 1000) i) g) c;
SELECT flow.community_id('10.0.0.1/8', '10.0.0.2', 1, 2, 6) = flow.community_id('10.0.0.1', '10.0.0.2/24', 1, 2, 6), flow.community_id(NULL, '10.0.0.2', 1, 2, 6);

SELECT flow.community_id('10.1.12.2', '10.1.12.1', NULL, NULL, 46), flow.community_id('10.1.12.2', '10.1.12.1', 1, NULL, 6),
       flow.community_id('10.1.12.2', '10.1.12.1', NULL, 1, 6), flow.community_id('10.1.12.2', '10.1.12.1', 1, 1, 6, NULL);

SELECT flow.community_id('10.0.0.1', '::1', 1, 2, 6);
SELECT flow.community_id('10.0.0.1', '10.0.0.2', 65536, 2, 6);
SELECT flow.community_id('10.0.0.1', '10.0.0.2', 1, -1, 6);
SELECT flow.community_id('10.0.0.1', '10.0.0.2', 1, 2, 256);
SELECT flow.community_id('10.0.0.1', '10.0.0.2', 1, 2, 6, 65536);

DROP TABLE community_id_baseline;
