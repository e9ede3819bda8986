/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a line of InfluxDB's protocol.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "influx.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct influx_line line;
	char	   *bytes = malloc(size + 1);

	memcpy(bytes, data, size);
	if (influx_parse(&line, bytes, size) == NULL)
	{
		if (strlen(line.measurement) != line.measurement_len || line.nvalues == 0)
			abort();
		for (int i = 0; i < line.nvalues; i++)
		{
			const struct influx_value *value = &line.values[i];

			if (strlen(value->name) != value->name_len ||
				memchr(value->text, '\0', value->len) != NULL ||
				(value->kind != INFLUX_TEXT && value->len == 0))
				abort();
		}
	}
	free(bytes);
	return 0;
}
