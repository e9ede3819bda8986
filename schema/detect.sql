-------------------------------------------------------------------------
-- The generic detector
-------------------------------------------------------------------------

CREATE FUNCTION flow.detect_in(
    relation regclass, metric text, by text, over text, kind text, bucket interval,
    baseline interval, k double precision, since timestamp with time zone,
    until timestamp with time zone, columns jsonb)
RETURNS TABLE (at timestamp with time zone, entity text, value double precision,
    expected double precision, score double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    parts CONSTANT text[] := regexp_match(metric, '^(count|sum|distinct)(?:\((\w+)\))?$');
    source text;
    what text;
    query text;
BEGIN
    IF parts IS NULL OR (parts[1] = 'count') <> (parts[2] IS NULL) THEN
        RAISE EXCEPTION 'metric "%" is not understood', metric
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'It is count, sum(column) or distinct(column).';
    ELSIF kind IS NULL OR kind NOT IN ('high', 'low', 'rare') THEN
        RAISE EXCEPTION 'kind must be "high", "low" or "rare"' USING ERRCODE = 'invalid_parameter_value';
    ELSIF num_nonnulls(by, over) <> (CASE kind WHEN 'rare' THEN 2 ELSE 1 END) THEN
        RAISE EXCEPTION '% must be given', CASE kind WHEN 'rare' THEN 'by and over' ELSE 'one of by and over' END
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF kind = 'rare' AND metric <> 'count' THEN
        RAISE EXCEPTION 'kind "rare" has metric count only' USING ERRCODE = 'invalid_parameter_value';
    ELSIF k IS NULL OR NOT k > 0 OR k = 'NaN' THEN
        RAISE EXCEPTION 'k must be positive' USING ERRCODE = 'invalid_parameter_value';
    ELSIF bucket IS NULL OR bucket <= '0' OR baseline IS NULL OR baseline < 2 * bucket THEN
        RAISE EXCEPTION 'bucket must be positive, and baseline two of it or longer'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT t.since, t.until INTO since, until FROM flow.time_range(since, until, bucket) t;
    source := flow.source_query(relation, array_remove(ARRAY(
        SELECT DISTINCT c FROM unnest(ARRAY['ts', by, over, parts[2]]) c), NULL), columns);
    what := CASE parts[1] WHEN 'count' THEN 'count(*)'
        WHEN 'sum' THEN format('sum(%I)', parts[2])
        ELSE format('count(DISTINCT %I)', parts[2]) END;
    query := format('SELECT date_bin($3, ts, $1) AS b, concat(%1$I) AS e, %2$s::float8 AS v
                     FROM (%3$s) f WHERE ts >= $4 AND ts < $2 AND %1$I IS NOT NULL GROUP BY 1, %1$I',
                    coalesce(by, over), what, source);
    IF kind = 'rare' THEN
        query := format($q$
            WITH v AS MATERIALIZED (
                SELECT CASE WHEN ts >= $1 THEN date_bin($3, ts, $1) END AS b, %1$I AS e, %2$I AS o, count(*)::float8 AS n
                FROM (%3$s) f WHERE ts >= $4 AND ts < $2 AND %1$I IS NOT NULL AND %2$I IS NOT NULL GROUP BY 1, 2, 3)
            SELECT now.b, concat(now.e, ' ', now.o), now.n, coalesce(h.n, 0) * extract(epoch FROM $3)::float8 / extract(epoch FROM $1 - $4)::float8,
                   ln((t.n + 1) / (coalesce(h.n, 0) + 1)) / ln(2::float8) AS score
            FROM v now JOIN (SELECT e, sum(n) AS n FROM v WHERE b IS NULL GROUP BY 1) t ON t.e = now.e
            LEFT JOIN v h ON h.b IS NULL AND h.e = now.e AND h.o = now.o
            WHERE now.b IS NOT NULL AND ln((t.n + 1) / (coalesce(h.n, 0) + 1)) / ln(2::float8) > $5
            ORDER BY 5 DESC, 1, 2$q$, by, over, source);
        RETURN QUERY EXECUTE query USING since, until, bucket, since - baseline, k;
        RETURN;
    ELSIF by IS NOT NULL THEN
        -- buckets without rows count as 0, from the first bucket with any on
        query := format($q$
            WITH v AS MATERIALIZED (%s),
            n AS (SELECT (extract(epoch FROM $1 - min(b)) / extract(epoch FROM $3))::float8 AS n FROM v WHERE b < $1),
            h AS (SELECT e, sum(v) / n AS mean, sqrt(greatest(0, sum(v * v) - sum(v) * sum(v) / n) / nullif(n - 1, 0)) AS sd
                  FROM v, n WHERE b < $1 GROUP BY e, n),
            now AS (SELECT b, e, v FROM v WHERE b >= $1
                    UNION ALL
                    SELECT s.b, h.e, 0 FROM h, generate_series($1, $2 - interval '1 us', $3) s(b)
                    WHERE $6 = 'low' AND NOT EXISTS (SELECT FROM v WHERE v.b = s.b AND v.e = h.e))
            SELECT now.b, now.e, now.v, coalesce(h.mean, 0) AS mean, CASE WHEN n.n >= 2 THEN coalesce(h.sd, 0) END AS sd
            FROM n, now LEFT JOIN h ON h.e = now.e$q$, query);
    ELSE
        query := format('SELECT b, e, v, avg(v) OVER w AS mean, stddev(v) OVER w AS sd
                         FROM (%s) v WINDOW w AS (PARTITION BY b)', query);
    END IF;
    RETURN QUERY EXECUTE format($q$
        SELECT b, e, v, mean, score
        FROM (SELECT x.*, CASE WHEN v = mean THEN 0 WHEN sd = 0 THEN sign(v - mean) * 'infinity'::float8
                               ELSE (v - mean) / sd END AS score FROM (%s) x) s
        WHERE CASE $6 WHEN 'high' THEN score > $5 ELSE score < -$5 END
        ORDER BY abs(score) DESC, abs(v - mean) DESC, b, e$q$, query)
    USING since, until, bucket, CASE WHEN by IS NULL THEN since ELSE since - baseline END, k, kind;
END
$$;

COMMENT ON FUNCTION flow.detect_in(regclass, text, text, text, text, interval, interval, double precision, timestamp with time zone, timestamp with time zone, jsonb) IS
'flow.detect of a table; not to be called';

CREATE FUNCTION flow.detect(
    metric text, by text DEFAULT NULL, over text DEFAULT NULL, kind text DEFAULT 'high',
    bucket interval DEFAULT '10 min', baseline interval DEFAULT '1 day',
    k double precision DEFAULT 5, relation regclass DEFAULT NULL,
    since timestamp with time zone DEFAULT NULL, until timestamp with time zone DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS TABLE (at timestamp with time zone, entity text, value double precision,
    expected double precision, score double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.at, d.entity, d.value, d.expected, d.score
    FROM flow.detect_in(flow.relation(relation), metric, by, over, kind, bucket, baseline, k,
                        since, until, columns) d;
END;

COMMENT ON FUNCTION flow.detect(text, text, text, text, interval, interval, double precision, regclass, timestamp with time zone, timestamp with time zone, jsonb) IS
'Which value of a column has an unusual metric, count, sum(column) or
distinct(column), in a bucket of [since, until), by default the last one; buckets
count from since. by: compared with the mean and standard deviation of its own
buckets in the baseline before since, where buckets without rows are 0, from the
first one on in which the table has any; two at least. over: compared with the
mean and standard deviation of all values of that column in the same bucket. score
= (value - expected) / deviation; kind high: above k (5), low: below -k, with by
also those of the baseline that have no row now. kind rare, metric count: values
of over that are rare in the rows with the same value of by; entity is both, value
the rows in the bucket, expected those of a bucket of the baseline, score =
log2((n + 1) / (m + 1)), n the rows of by in the baseline and m those of them with
the value of over; none of what is new in by. A deviation of 0 gives an infinite
score. Farthest first. Sums are of bytes as reported. k: 5 deviations as the models of
Endgame; 10 minutes: the fast ones of ElastiFlow. Errors: another metric or
kind, by and over both or neither (both needed for rare), k or bucket that is not
positive, a baseline below two buckets (invalid_parameter_value), a column that
the table lacks (undefined_column).';
