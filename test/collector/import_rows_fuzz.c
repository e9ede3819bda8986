/*-------------------------------------------------------------------------
 *
 * libFuzzer target: a file to import, CSV or JSON.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "import_rows.h"
#include "import_value.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned oids[] = {16, 20, 21, 23, 25, 701, 869, 1082, 1184};
	static struct import_rows rows;
	char	   *bytes = malloc(size + 1);
	enum import_result result = IMPORT_END;
	size_t		nrows = 0;

	memcpy(bytes, data, size);
	if (import_rows_open(&rows, bytes, size) == NULL)
	{
		while ((result = import_rows_next(&rows)) == IMPORT_ROW || result == IMPORT_BAD_ROW)
		{
			if (++nrows > size)
				abort();
			for (int i = 0; i < rows.ncolumns && result == IMPORT_ROW; i++)
			{
				if (rows.cells[i].is_null)
					continue;
				for (size_t j = 0; j < sizeof(oids) / sizeof(oids[0]); j++)
					(void) import_value_fits(oids[j], import_rows_value(&rows, i),
											 rows.cells[i].len);
				(void) import_value_guess(GUESS_NOTHING, import_rows_value(&rows, i),
										  rows.cells[i].len);
			}
		}
	}
	import_rows_close(&rows);
	free(bytes);
	return 0;
}
