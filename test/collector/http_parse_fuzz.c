/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a request, its parameters, chunks and form.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "http_parse.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(struct http_text text, const char *bytes, size_t len)
{
	if (text.bytes != NULL &&
		(text.bytes < bytes || text.bytes + text.len > bytes + len))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *bytes = malloc(size + 1);
	struct http_request request;
	struct http_chunks chunks = {0};
	size_t		head_len;
	size_t		nused;
	size_t		nbody;
	char		value[64];

	memcpy(bytes, data, size);
	if (http_parse_head(bytes, size, &request, &head_len) == HTTP_GOOD)
	{
		check_inside(request.path, bytes, head_len);
		check_inside(request.query, bytes, head_len);
		check_inside(request.authorization, bytes, head_len);
		(void) http_parameter(&request, "query", value, sizeof(value));
		(void) http_host_is_local(request.host);
		request.body = (struct http_text) {bytes + head_len, size - head_len};
		check_inside(http_form_part(&request, "data"), bytes, size);
		check_inside(http_form_part(&request, NULL), bytes, size);
		(void) http_dechunk(&chunks, bytes + head_len, size - head_len, &nused, &nbody);
		if (nbody > size - head_len)
			abort();
	}
	free(bytes);
	return 0;
}
