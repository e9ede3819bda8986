/*-------------------------------------------------------------------------
 *
 * What columns are.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/rel.h"

#include "am/tableoptions.h"
#include "maintain/roles.h"

typedef struct Roles
{
	const FsBufferLayout *layout;
	FsClusterOptions options;
	FsClusterPair *swaps;		/* [ncols / 2] */
	FsClusterList *lists;		/* [ncols] */
} Roles;

static const char *
name_of(const Roles *roles, int col)
{
	int			att = roles->layout->specs[col].id - 1;

	return NameStr(TupleDescAttr(roles->layout->desc, att)->attname);
}

/* The column with this name, or FS_CLUSTER_NONE. */
static int
find_name(const Roles *roles, const char *name)
{
	for (int i = 0; i < roles->layout->ncols; i++)
		if (strcmp(name_of(roles, i), name) == 0)
			return i;
	return FS_CLUSTER_NONE;
}

/* The column of an attribute, or FS_CLUSTER_NONE. */
static int
find_att(const Roles *roles, AttrNumber attnum)
{
	for (int i = 0; i < roles->layout->ncols; i++)
		if (roles->layout->specs[i].id == attnum)
			return i;
	return FS_CLUSTER_NONE;
}

static bool
is_int(const Roles *roles, int col)
{
	return roles->layout->specs[col].kind == FS_KIND_INT &&
		roles->layout->specs[col].order == FS_ORDER_INT;
}

/* The column that changes places with this one, by its name, or none. */
static int
find_partner(const Roles *roles, int col)
{
	static const char *const prefixes[][2] = {{"src_", "dst_"},
	{"in_", "out_"}};
	const FsTypeMap *maps = roles->layout->maps;
	const char *name = name_of(roles, col);

	for (int i = 0; i < lengthof(prefixes); i++)
	{
		size_t		len = strlen(prefixes[i][0]);
		int			partner;

		if (strncmp(name, prefixes[i][0], len) != 0)
			continue;
		partner = find_name(roles, psprintf("%s%s", prefixes[i][1],
											name + len));
		if (partner != FS_CLUSTER_NONE &&
			maps[partner].type == maps[col].type &&
			maps[partner].spec.order == maps[col].spec.order)
			return partner;
	}
	return FS_CLUSTER_NONE;
}

static bool
has_port_name(const Roles *roles, int col)
{
	return strncmp(name_of(roles, col), "src_", 4) == 0 &&
		strstr(name_of(roles, col), "port") != NULL;
}

static void
find_pairs(Roles *roles)
{
	FsClusterOptions *options = &roles->options;

	options->endpoints.src = options->endpoints.dst = FS_CLUSTER_NONE;
	options->ports = options->endpoints;
	roles->swaps = palloc(sizeof(FsClusterPair) *
						  Max(roles->layout->ncols, 1));
	for (int i = 0; i < roles->layout->ncols; i++)
	{
		FsClusterPair pair = {i, find_partner(roles, i)};

		if (pair.dst == FS_CLUSTER_NONE)
			continue;
		if (options->endpoints.src == FS_CLUSTER_NONE &&
			roles->layout->specs[i].kind == FS_KIND_ADDR)
			options->endpoints = pair;
		else if (options->ports.src == FS_CLUSTER_NONE &&
				 is_int(roles, i) && has_port_name(roles, i))
			options->ports = pair;
		else
			roles->swaps[options->nswaps++] = pair;
	}
	options->swaps = roles->swaps;
}

/* True if the values of the column can be listed. */
static bool
can_list(const Roles *roles, int col)
{
	const FsColumnSpec *spec = &roles->layout->specs[col];

	return spec->kind == FS_KIND_ADDR || is_int(roles, col) ||
		(spec->kind == FS_KIND_BYTES && spec->order == FS_ORDER_BYTES);
}

static void
add_list(Roles *roles, int a, int b)
{
	FsClusterList *list = &roles->lists[roles->options.nlists++];

	list->ncols = b == FS_CLUSTER_NONE ? 1 : 2;
	list->cols[0] = b == FS_CLUSTER_NONE ? a : Min(a, b);
	list->cols[1] = Max(a, b);
}

/* True if the column is listed unless an option says otherwise. */
static bool
is_listed_by_default(const Roles *roles, int col)
{
	const char *name = name_of(roles, col);

	if (!can_list(roles, col))
		return false;
	if (!is_int(roles, col))
		return true;
	return col == roles->options.proto || strcmp(name, "tcp_flags") == 0 ||
		strcmp(name, "flags") == 0;
}

/* Which columns are to be listed: wanted[ncols]. */
static void
choose_listed(Roles *roles, const FsColumnList *bitmap, bool *wanted)
{
	for (int i = 0; i < roles->layout->ncols; i++)
		wanted[i] = bitmap->choice == FS_COLUMNS_DEFAULT &&
			(is_listed_by_default(roles, i) ||
			 i == roles->options.ports.src || i == roles->options.ports.dst);
	for (int i = 0; i < bitmap->n; i++)
	{
		int			col = find_att(roles, bitmap->atts[i]);

		if (col != FS_CLUSTER_NONE && can_list(roles, col))
			wanted[col] = true;
	}
}

/* If both columns of a pair are wanted they are listed together. */
static void
list_pair(Roles *roles, FsClusterPair pair, bool *wanted)
{
	if (pair.src == FS_CLUSTER_NONE || !wanted[pair.src] || !wanted[pair.dst])
		return;
	add_list(roles, pair.src, pair.dst);
	wanted[pair.src] = wanted[pair.dst] = false;
}

static void
find_lists(Roles *roles, const FsColumnList *bitmap)
{
	int			ncols = roles->layout->ncols;
	bool	   *wanted = palloc(Max(ncols, 1));

	roles->lists = palloc(sizeof(FsClusterList) * Max(ncols, 1));
	choose_listed(roles, bitmap, wanted);
	list_pair(roles, roles->options.endpoints, wanted);
	list_pair(roles, roles->options.ports, wanted);
	for (int i = 0; i < ncols; i++)
		if (wanted[i])
			add_list(roles, i, FS_CLUSTER_NONE);
	roles->options.lists = roles->lists;
	pfree(wanted);
}

static void
find_zorder(Roles *roles, const FsColumnList *zorder)
{
	int		   *cols = palloc(sizeof(int) * FS_CLUSTER_MAX_ZORDER);

	roles->options.zorder = cols;
	for (int i = 0; i < zorder->n; i++)
	{
		int			col = find_att(roles, zorder->atts[i]);

		if (col != FS_CLUSTER_NONE &&
			roles->options.nzorder < FS_CLUSTER_MAX_ZORDER)
			cols[roles->options.nzorder++] = col;
	}
	/* no z-order: by time alone */
	if (zorder->choice == FS_COLUMNS_NONE &&
		roles->options.time != FS_CLUSTER_NONE)
		cols[roles->options.nzorder++] = roles->options.time;
}

FsClusterOptions
fs_roles_find(Relation rel, const FsBufferLayout *layout)
{
	FsTableOptions table = *fs_tableoptions_get(rel);
	Roles		roles = {layout};

	roles.options.specs = layout->specs;
	roles.options.ncols = layout->ncols;
	roles.options.time = layout->time_col < 0 ? FS_CLUSTER_NONE
		: layout->time_col;
	roles.options.proto = find_name(&roles, "proto");
	if (roles.options.proto == FS_CLUSTER_NONE)
		roles.options.proto = find_name(&roles, "protocol");
	if (roles.options.proto != FS_CLUSTER_NONE &&
		!is_int(&roles, roles.options.proto))
		roles.options.proto = FS_CLUSTER_NONE;
	find_pairs(&roles);
	find_lists(&roles, &table.bitmap);
	find_zorder(&roles, &table.zorder);
	return roles.options;
}
