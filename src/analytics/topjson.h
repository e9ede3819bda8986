/*-------------------------------------------------------------------------
 *
 * Parts of the JSON that top values are shown as.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_TOPJSON_H
#define FS_ANALYTICS_TOPJSON_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

/* An FmgrInfo of to_jsonb() that knows the type of its argument. */
extern void fs_topjson_prepare(FmgrInfo *flinfo, Oid typid);

extern void fs_topjson_push_key(JsonbParseState **state, const char *key);
extern void fs_topjson_push_value(JsonbParseState **state, Jsonb *jsonb);

#endif							/* FS_ANALYTICS_TOPJSON_H */
