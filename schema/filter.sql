-------------------------------------------------------------------------
-- Conditions on flows for people who do not write SQL
-------------------------------------------------------------------------

CREATE FUNCTION flow.filter(filter text, columns jsonb DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'fs_filter'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.filter(text, jsonb) IS
'A condition on flows, in a language like that of nfdump, as a clause for WHERE over
the standard columns, or those that columns names.  Conditions are joined by and, or,
not and parentheses:
  [src|dst] ip|host|net ADDRESS     [src|dst] port|as NUMBER
  [in|out] if NUMBER                exporter ADDRESS, sensor NAME
  proto NAME|NUMBER                 flags LETTERS: all of FSRPAUEC given are set
  inet, inet6, any                  tos, bytes, packets, duration (milliseconds),
                                    bpp, bps, pps NUMBER
without src or dst for either end, with "src and dst" for both.  A number may follow
=, !=, <, >, <=, >= and have k, M, G or T after it, powers of 1000; in [A, B] stands
for any of a list.  != holds if neither end is that.  A column that is NULL meets no
condition, negated or not.  The clause is made of numbers, addresses, quoted names
and constants only, so no filter can say more than that.  What is not understood is
an error (syntax_error) with its position.';
