/* flowstore: everything lives in schema flow, which the control file names */

\echo Use "CREATE EXTENSION flowstore" to load this file. \quit

-- What the functions here do, they do with the caller's privileges.
GRANT USAGE ON SCHEMA flow TO PUBLIC;
