/*-------------------------------------------------------------------------
 *
 * Which addresses are internal: setting flowstore.internal_networks.
 *
 * The setting is a list of networks, compiled to disjoint ranges when it is
 * set.  flow.is_internal() searches them.  The planner replaces it by
 * containment in each network where these are few, which is what scans prune
 * by; cached plans are thrown away when the setting changes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/socket.h>

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inet.h"
#include "utils/plancache.h"

#include "analytics/internal.h"
#include "compat.h"

PG_FUNCTION_INFO_V1(fs_is_internal);
PG_FUNCTION_INFO_V1(fs_is_internal_support);

/* RFC 1918, 3927, 1122, 4193, 4291 */
#define DEFAULT_NETWORKS \
	"10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, 127.0.0.0/8, " \
	"fc00::/7, fe80::/10, ::1/128"

/* so many are said one by one to the planner */
#define MAX_CLAUSES			16

#define SEPARATORS			" \t\n\r,"

/* A network: its first address, the bits of others being 0. */
typedef struct Network
{
	uint8		family;			/* PGSQL_AF_INET or PGSQL_AF_INET6 */
	uint8		bits;
	uint8		addr[16];
} Network;

/* What the setting says; the memory belongs to guc.c. */
typedef struct Networks
{
	int			n;
	Network		items[FLEXIBLE_ARRAY_MEMBER];	/* by family and address, disjoint */
} Networks;

static char *networks_text;
static const Networks *networks;

static int
compare_by_address(const void *a, const void *b)
{
	const Network *x = a;
	const Network *y = b;
	int			order = (int) x->family - (int) y->family;

	if (order == 0)
		order = memcmp(x->addr, y->addr, sizeof(x->addr));
	return order != 0 ? order : (int) x->bits - (int) y->bits;
}

static bool
covers(const Network *network, uint8 family, uint8 bits, const uint8 *addr)
{
	return family == network->family && bits >= network->bits &&
		bitncmp(network->addr, addr, network->bits) == 0;
}

/* One network of the list; false: it is none. */
static bool
parse_network(const char *word, size_t len, Network *network)
{
	char		text[64];
	int			family = memchr(word, ':', len) != NULL ? PGSQL_AF_INET6 : PGSQL_AF_INET;
	uint8		addr[17] = {0};
	int			bits;

	if (len >= sizeof(text))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	bits = pg_inet_net_pton(family, text, addr, sizeof(addr) - 1);
	if (bits < 0)
		return false;
	memset(network, 0, sizeof(*network));
	network->family = family;
	network->bits = bits;
	for (int i = 0; i * 8 < bits; i++)
		network->addr[i] = addr[i] &
			(bits - i * 8 >= 8 ? 0xff : (uint8) (0xff << (8 - (bits - i * 8))));
	return memcmp(network->addr, addr, sizeof(network->addr)) == 0;
}

/* Leave out networks inside others. */
static void
make_disjoint(Networks *list)
{
	int			n = 0;

	qsort(list->items, list->n, sizeof(Network), compare_by_address);
	for (int i = 0; i < list->n; i++)
	{
		const Network *next = &list->items[i];

		if (n == 0 || !covers(&list->items[n - 1], next->family, next->bits, next->addr))
			list->items[n++] = *next;
	}
	list->n = n;
}

static bool
check_networks(char **newval, void **extra, GucSource source)
{
	Networks   *list = guc_malloc(LOG, offsetof(Networks, items) +
								  (strlen(*newval) / 2 + 1) * sizeof(Network));
	const char *word = *newval + strspn(*newval, SEPARATORS);

	if (list == NULL)
	{
		GUC_check_errcode(ERRCODE_OUT_OF_MEMORY);
		GUC_check_errmsg("out of memory");
		return false;
	}
	list->n = 0;
	while (*word != '\0')
	{
		size_t		len = strcspn(word, SEPARATORS);

		if (!parse_network(word, len, &list->items[list->n]))
		{
			GUC_check_errdetail("\"%.*s\" is no network.", (int) Min(len, 64), word);
			GUC_check_errhint("An example is \"10.0.0.0/8, 2001:db8::/32\"; bits to the right of the mask are 0.");
			guc_free(list);
			return false;
		}
		list->n++;
		word += len;
		word += strspn(word, SEPARATORS);
	}
	make_disjoint(list);
	*extra = list;
	return true;
}

static bool
is_same(const Networks *a, const Networks *b)
{
	return a->n == b->n && memcmp(a->items, b->items, a->n * sizeof(Network)) == 0;
}

static void
assign_networks(const char *newval, void *extra)
{
	const Networks *old = networks;

	networks = extra;
	if (old != NULL && IsUnderPostmaster && !is_same(old, networks))
		ResetPlanCache();
}

void
fs_internal_init(void)
{
	DefineCustomStringVariable("flowstore.internal_networks",
							   "Networks whose addresses are internal to flow.is_internal().",
							   "A list of networks, separated by commas.",
							   &networks_text,
							   DEFAULT_NETWORKS,
							   PGC_USERSET, GUC_LIST_INPUT,
							   check_networks, assign_networks, NULL);
}

/* The last network that does not begin after the address. */
static const Network *
find_network(uint8 family, const uint8 *addr)
{
	int			lo = 0;
	int			hi = networks->n;
	int			size = family == PGSQL_AF_INET ? 4 : 16;

	while (lo < hi)
	{
		int			mid = (lo + hi) / 2;
		const Network *network = &networks->items[mid];
		int			order = (int) network->family - (int) family;

		if (order == 0)
			order = memcmp(network->addr, addr, size);
		if (order <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == 0 ? NULL : &networks->items[lo - 1];
}

Datum
fs_is_internal(PG_FUNCTION_ARGS)
{
	inet	   *addr = PG_GETARG_INET_PP(0);
	const Network *network = find_network(ip_family(addr), ip_addr(addr));

	PG_RETURN_BOOL(network != NULL &&
				   covers(network, ip_family(addr), ip_bits(addr), ip_addr(addr)));
}

static Const *
network_const(const Network *network)
{
	inet	   *value = palloc0(sizeof(inet));

	ip_family(value) = network->family;
	ip_bits(value) = network->bits;
	memcpy(ip_addr(value), network->addr, ip_addrsize(value));
	SET_INET_VARSIZE(value);
	return makeConst(INETOID, -1, InvalidOid, -1, PointerGetDatum(value), false, false);
}

/* addr <<= network OR ... */
static Node *
as_clauses(Node *addr)
{
	List	   *clauses = NIL;

	for (int i = 0; i < networks->n; i++)
	{
		Expr	   *clause = make_opclause(OID_INET_SUBEQ_OP, BOOLOID, false,
										   (Expr *) copyObject(addr),
										   (Expr *) network_const(&networks->items[i]),
										   InvalidOid, InvalidOid);

		set_opfuncid((OpExpr *) clause);
		clauses = lappend(clauses, clause);
	}
	return (Node *) make_orclause(clauses);
}

Datum
fs_is_internal_support(PG_FUNCTION_ARGS)
{
	SupportRequestSimplify *request = (SupportRequestSimplify *) PG_GETARG_POINTER(0);
	Node	   *addr;

	if (!IsA(request, SupportRequestSimplify) ||
		networks->n < 2 || networks->n > MAX_CLAUSES)
		PG_RETURN_POINTER(NULL);
	addr = linitial(request->fcall->args);
	PG_RETURN_POINTER(IsA(addr, Var) ? as_clauses(addr) : NULL);
}
