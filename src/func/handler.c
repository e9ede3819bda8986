/*-------------------------------------------------------------------------
 *
 * The SQL face of the access method.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "am/handler.h"

PG_FUNCTION_INFO_V1(fs_table_am_handler);

Datum
fs_table_am_handler(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(fs_handler_routine());
}
