/*-------------------------------------------------------------------------
 *
 * Any bytes as a filter.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "analytics/filtertext.h"

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	static FsFilterNode nodes[FS_FILTERTEXT_MAX_NODES];
	FsFilterText filter = {.cap = FS_FILTERTEXT_MAX_NODES, .nodes = nodes};

	if (!fs_filtertext_parse((const char *) data, (int) size, &filter))
	{
		if (filter.fault == NULL || filter.fault_off < 0 || filter.fault_len < 0 ||
			filter.fault_off + filter.fault_len > (int) size)
			abort();
		return 0;
	}
	if (filter.n < 1)
		abort();
	for (int i = 0; i < filter.n; i++)
	{
		const FsFilterNode *node = &nodes[i];

		/* what is written comes before it, so that writing ends */
		if ((node->op <= FS_FILTER_NOT && node->left >= i) ||
			(node->op <= FS_FILTER_AND && node->right >= i))
			abort();
		if (strspn(node->addr, "0123456789abcdef.:/") != strlen(node->addr))
			abort();
		if (node->text != NULL && (node->text < (const char *) data ||
								   node->text + node->text_len > (const char *) data + size))
			abort();
	}
	return 0;
}
