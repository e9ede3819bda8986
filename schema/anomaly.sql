-------------------------------------------------------------------------
-- Anomalies of series
-------------------------------------------------------------------------

CREATE FUNCTION flow.series_model(
    t timestamp with time zone[], v double precision[], method text, season_us bigint)
RETURNS double precision[]
AS 'MODULE_PATHNAME', 'fs_series_model'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.series_model(timestamp with time zone[], double precision[], text, bigint) IS
'What a model of flow.anomaly expects of each value, then as many usual deviations;
NULL where it cannot tell.  Times must rise, season_us is in microseconds.';

CREATE FUNCTION flow.anomaly_of(
    times timestamp with time zone[], numbers double precision[], method text, season interval,
    k double precision, OUT t timestamp with time zone, OUT v double precision,
    OUT expected double precision, OUT deviation double precision,
    OUT score double precision, OUT is_anomaly boolean)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    n int;
    model float8[];
BEGIN
    IF k IS NULL OR NOT k > 0 OR k = 'NaN' THEN
        RAISE EXCEPTION 'k must be positive' USING ERRCODE = 'invalid_parameter_value';
    ELSIF method IS NULL OR season IS NULL THEN
        RAISE EXCEPTION 'method and season must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    n := coalesce(cardinality(times), 0);
    model := flow.series_model(coalesce(times, '{}'), coalesce(numbers, '{}'), method,
                               (extract(epoch FROM season) * 1000000)::bigint);
    RETURN QUERY
    SELECT s.*, coalesce(abs(s.score) > k, false)
    FROM (SELECT u.t, u.v, u.e, u.d,
                 CASE WHEN u.e IS NULL OR u.d IS NULL THEN NULL
                      WHEN u.v = u.e THEN 0
                      WHEN u.d = 0 THEN sign(u.v - u.e) * 'infinity'::float8
                      ELSE (u.v - u.e) / u.d END AS score
          FROM unnest(times, numbers, model[1:n], model[n + 1:2 * n]) u(t, v, e, d)) s;
END
$$;

COMMENT ON FUNCTION flow.anomaly_of(timestamp with time zone[], double precision[], text, interval, double precision) IS
'flow.anomaly of arrays whose times rise, in the order of time';

CREATE FUNCTION flow.anomaly(
    times timestamp with time zone[], numbers double precision[],
    season interval DEFAULT '1 day', method text DEFAULT 'ewma', k double precision DEFAULT 5)
RETURNS TABLE (key text, t timestamp with time zone, v double precision,
    expected double precision, deviation double precision, score double precision,
    is_anomaly boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF coalesce(cardinality(times), 0) <> coalesce(cardinality(numbers), 0) THEN
        RAISE EXCEPTION 'times and values of a series must be as many'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    SELECT NULL::text, r.t, r.v, r.expected, r.deviation, r.score, r.is_anomaly
    FROM (SELECT array_agg(u.t ORDER BY u.t) AS t, array_agg(u.v ORDER BY u.t) AS v
          FROM unnest(times, numbers) u(t, v) WHERE u.v IS NOT NULL) s,
         flow.anomaly_of(s.t, s.v, method, season, k) r
    ORDER BY abs(r.score) DESC NULLS LAST, r.t;
END
$$;

COMMENT ON FUNCTION flow.anomaly(timestamp with time zone[], double precision[], interval, text, double precision) IS
'How far each value of a series is from what method expects of it, farthest first:
score = (v - expected) / deviation, an anomaly beyond k (5) on either side.
global: mean and standard deviation of all values. ewma: exponential average and
deviation of the values before, span 15, from the 16th value on. seasonal: the
same in each of 24 slots of the season (168 of one of a week or longer), with
weekends brought to the level of other days if the season is shorter than a week,
from the fourth value of a slot on. mad: median and 1.4826 median absolute
deviations of all values of the slot. sine: mean and a sine of the season by least
squares, deviation of the residuals with n - 3. holtwinters: level, trend and
season, additive, smoothed by 0.2, 0.02 and 0.2, from the third season on; it
takes values to be equally far apart (flow.gapfill). Where a model cannot tell,
score is NULL and it is no anomaly. A deviation of 0 gives an infinite score
unless v is as expected. NULL values are left out; seasons begin at 2000-01-01
UTC, a Saturday. Errors: k or season that are not positive, an unknown method,
infinite numbers, the same time twice, fewer than two seasons for holtwinters
(invalid_parameter_value). Sources: the models of Endgame''s kairos; Finch 2009;
Winters 1960; 1.4826 makes a median deviation a standard one of normal numbers.';

CREATE FUNCTION flow.series_arrays(series text)
RETURNS TABLE (key text, t timestamp with time zone[], v double precision[])
LANGUAGE plpgsql STABLE ROWS 10
AS $$
BEGIN
    IF series IS NULL THEN
        RAISE EXCEPTION 'series must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- the caller's search_path finds what the query names; without a column
    -- key, key is that of k
    RETURN QUERY EXECUTE pg_catalog.format(
        'SELECT y.key, pg_catalog.array_agg(y.t ORDER BY y.t), pg_catalog.array_agg(y.v ORDER BY y.t)
         FROM (SELECT NULL::pg_catalog.text AS key) k,
              LATERAL (SELECT CASE WHEN key IS NOT NULL THEN pg_catalog.concat(key) END AS key,
                              q.t::pg_catalog.timestamptz AS t,
                              q.v::pg_catalog.float8 AS v
                       FROM (%s
                            ) q) y
         WHERE y.v IS NOT NULL GROUP BY y.key', series);
END
$$;

COMMENT ON FUNCTION flow.series_arrays(text) IS
'The rows of a query with columns t, v and, if it likes, key, as sorted arrays by
key.  The query runs with the caller''s privileges, can change nothing, and
rows whose v is NULL are left out.';

CREATE FUNCTION flow.anomaly(
    series text, method text DEFAULT 'ewma', season interval DEFAULT '1 day',
    k double precision DEFAULT 5)
RETURNS TABLE (key text, t timestamp with time zone, v double precision,
    expected double precision, deviation double precision, score double precision,
    is_anomaly boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.key, r.*
    FROM flow.series_arrays(series) s, flow.anomaly_of(s.t, s.v, method, season, k) r
    ORDER BY abs(r.score) DESC NULLS LAST, s.key, r.t;
END;

COMMENT ON FUNCTION flow.anomaly(text, text, interval, double precision) IS
'The same of a query that has columns t and v, and perhaps key: a series for each key.
It runs with the privileges and the search_path of the caller, and can change
nothing.';

CREATE FUNCTION flow.classify(series text)
RETURNS TABLE (key text, n bigint, daily_ratio double precision, weekly_ratio double precision,
    autocorrelation double precision, method text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.key, c.n, c.daily_ratio, c.weekly_ratio, c.autocorrelation,
           CASE WHEN c.daily_ratio >= 0.8 THEN 'sine'
                WHEN c.daily_ratio >= 0.2 AND NOT coalesce(c.weekly_ratio BETWEEN 0.8 AND 1.25, true) THEN 'seasonal'
                WHEN c.daily_ratio >= 0.2 THEN 'mad'
                WHEN c.autocorrelation >= 0.5 THEN 'ewma'
                ELSE 'global' END
    FROM (SELECT s.key, count(*) AS n,
                 1 - sum((r.v - r.expected) ^ 2) / nullif(var_pop(r.v) * count(*), 0) AS daily_ratio,
                 avg(r.v) FILTER (WHERE extract(isodow FROM r.t AT TIME ZONE 'UTC') >= 6)
                 / nullif(avg(r.v) FILTER (WHERE extract(isodow FROM r.t AT TIME ZONE 'UTC') < 6), 0) AS weekly_ratio,
                 corr(r.v, r.before) AS autocorrelation
          FROM flow.series_arrays(series) s,
               LATERAL (SELECT a.*, lag(a.v) OVER (ORDER BY a.t) AS before
                        FROM flow.anomaly_of(s.t, s.v, 'sine', '1 day', 1) a) r
          GROUP BY s.key) c
    ORDER BY c.key;
END;

COMMENT ON FUNCTION flow.classify(text) IS
'Which method of flow.anomaly suits a query as there. daily_ratio: the share of the
variance that a sine of one day explains, 0 to 1; of equally spaced values over
whole days it is the share of spectral power at the daily frequency (Parseval).
weekly_ratio: mean of Saturdays and Sundays (UTC) by mean of other days.
autocorrelation: of each value with the one before. sine from a daily_ratio of
0.8; from 0.2 seasonal if weekends are below 0.8 or above 1.25 of other days, else
mad; ewma from an autocorrelation of 0.5; else global. What cannot be told is
NULL.';
