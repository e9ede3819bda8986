/*-------------------------------------------------------------------------
 *
 * What the types of sketches have in common.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "analytics/sketch.h"

PG_FUNCTION_INFO_V1(fs_sketch_out);
PG_FUNCTION_INFO_V1(fs_sketch_send);

MemoryContext
fs_sketch_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

static void *
take(FsAllocator *allocator, size_t size)
{
	return MemoryContextAlloc(allocator->state, size);
}

static void
give(FsAllocator *allocator, void *memory)
{
	pfree(memory);
}

void
fs_sketch_allocator(FsAllocator *allocator, MemoryContext context)
{
	allocator->alloc = take;
	allocator->release = give;
	allocator->state = context;
}

bytea *
fs_sketch_value(const uint8 *bytes, uint32 len)
{
	bytea	   *value = palloc(VARHDRSZ + len);

	SET_VARSIZE(value, VARHDRSZ + len);
	memcpy(VARDATA(value), bytes, len);
	return value;
}

static void
check_input(bytea *value, int code, const char *type, FsSketchCheck check)
{
	const char *reason;

	if (!check((const uint8 *) VARDATA(value), VARSIZE(value) - VARHDRSZ,
			   &reason))
		ereport(ERROR,
				(errcode(code),
				 errmsg("invalid input for type %s", type),
				 errdetail("The reason is: %s.", reason)));
}

Datum
fs_sketch_in(FunctionCallInfo fcinfo, const char *type, FsSketchCheck check)
{
	const char *text = PG_GETARG_CSTRING(0);
	size_t		len = strlen(text);
	bytea	   *value;

	if (len < 2 || text[0] != '\\' || text[1] != 'x')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s", type),
				 errdetail("A sketch is written as \\x and hexadecimal digits.")));
	value = palloc(VARHDRSZ + len / 2);
	SET_VARSIZE(value, VARHDRSZ + hex_decode(text + 2, len - 2,
											 VARDATA(value)));
	check_input(value, ERRCODE_INVALID_TEXT_REPRESENTATION, type, check);
	PG_RETURN_BYTEA_P(value);
}

Datum
fs_sketch_recv(FunctionCallInfo fcinfo, const char *type, FsSketchCheck check)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	bytea	   *value = fs_sketch_value((const uint8 *) buf->data + buf->cursor,
										buf->len - buf->cursor);

	buf->cursor = buf->len;
	check_input(value, ERRCODE_INVALID_BINARY_REPRESENTATION, type, check);
	PG_RETURN_BYTEA_P(value);
}

/* Unlike byteaout(), not as setting bytea_output says. */
Datum
fs_sketch_out(PG_FUNCTION_ARGS)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(0);
	Size		len = VARSIZE_ANY_EXHDR(value);
	char	   *text = palloc(2 * len + 3);

	text[0] = '\\';
	text[1] = 'x';
	hex_encode(VARDATA_ANY(value), len, text + 2);
	text[2 * len + 2] = '\0';
	PG_RETURN_CSTRING(text);
}

Datum
fs_sketch_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}

void
fs_sketch_report_damage(const char *type, const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid value of type %s", type),
			 errdetail("The reason is: %s.", reason)));
}
