/*-------------------------------------------------------------------------
 *
 * The language of flow.filter(), parsed by recursive descent.
 *
 * Nothing of the text gets into a node but numbers, addresses that have been
 * read and written again, and names, which are marked as text.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "analytics/filtertext.h"

/* An operator, a bracket, or a word of letters, digits and ". : / - _". */
typedef struct Word
{
	const char *at;
	int			len;			/* 0: the end */
	bool		is_quoted;
} Word;

typedef struct Parser
{
	const char *text;
	const char *end;
	Word		word;			/* the next one */
	int			depth;
	FsFilterText *filter;
} Parser;

typedef enum Side
{
	EITHER, SRC, DST, BOTH
} Side;

typedef struct Keyword
{
	const char *name;
	int			value;
} Keyword;

static const Keyword protocols[] = {
	{"icmp", 1}, {"igmp", 2}, {"ipip", 4}, {"tcp", 6}, {"egp", 8}, {"igp", 9},
	{"udp", 17}, {"dccp", 33}, {"ipv6", 41}, {"rsvp", 46}, {"gre", 47}, {"esp", 50},
	{"ah", 51}, {"icmp6", 58}, {"ipv6-icmp", 58}, {"eigrp", 88}, {"ospf", 89},
	{"pim", 103}, {"vrrp", 112}, {"l2tp", 115}, {"sctp", 132}, {"udplite", 136}
};

static const Keyword measures[] = {
	{"tos", FS_FILTER_TOS}, {"bytes", FS_FILTER_BYTES}, {"packets", FS_FILTER_PACKETS},
	{"duration", FS_FILTER_DURATION}, {"bpp", FS_FILTER_BPP}, {"bps", FS_FILTER_BPS},
	{"pps", FS_FILTER_PPS}
};

static const char units[] = "kmgt";	/* 1000, 1000^2 ... */
static const char flags[] = "fsrpauec";	/* of bits 1, 2, 4 ... */

static const struct
{
	const char *name;
	const char *sql;
}			compares[] = {
	{"=", "="}, {"==", "="}, {"eq", "="}, {"!=", "<>"}, {"<>", "<>"}, {"ne", "<>"},
	{"<", "<"}, {"lt", "<"}, {">", ">"}, {"gt", ">"}, {"<=", "<="}, {"le", "<="},
	{">=", ">="}, {"ge", ">="}
};

static bool parse_or(Parser *p);

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static bool
is_word_char(int c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
		c == '.' || c == ':' || c == '/' || c == '-' || c == '_' ||
		(unsigned char) c >= 0x80;	/* letters of UTF-8 */
}

/* Read the next word. */
static void
advance(Parser *p)
{
	const char *s = p->word.at + p->word.len + (p->word.is_quoted ? 1 : 0);
	const char *start;

	while (s < p->end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r'))
		s++;
	start = s;
	p->word.is_quoted = false;
	if (s < p->end && (*s == '"' || *s == '\''))
	{
		const char *close = memchr(s + 1, *s, p->end - s - 1);

		if (close != NULL)
		{
			p->word.at = s + 1;
			p->word.len = (int) (close - s - 1);
			p->word.is_quoted = true;
			return;
		}
	}
	while (s < p->end && is_word_char(*s))
		s++;
	if (s == start && s < p->end)
	{
		s++;
		if (s < p->end && ((strchr("<>=!", *start) && *start != '\0' && *s == '=') ||
						   (*start == '<' && *s == '>') ||
						   ((*start == '&' || *start == '|') && *s == *start)))
			s++;
	}
	p->word.at = start;
	p->word.len = (int) (s - start);
}

static bool
is(const Parser *p, const char *name)
{
	if (p->word.is_quoted || strlen(name) != p->word.len)
		return false;
	for (int i = 0; i < p->word.len; i++)
		if (lower(p->word.at[i]) != name[i])
			return false;
	return true;
}

static bool
take(Parser *p, const char *name)
{
	if (!is(p, name))
		return false;
	advance(p);
	return true;
}

static bool
fail(Parser *p, const char *fault)
{
	if (p->filter->fault == NULL)
	{
		p->filter->fault = fault;
		p->filter->fault_off = (int) (p->word.at - p->text);
		p->filter->fault_len = p->word.len;
	}
	return false;
}

/* A new node, the root of all until there is another. */
static FsFilterNode *
add(Parser *p, FsFilterOp op)
{
	FsFilterNode *node;

	if (p->filter->n == p->filter->cap)
	{
		fail(p, "The filter is too long.");
		return NULL;
	}
	node = &p->filter->nodes[p->filter->n++];
	memset(node, 0, sizeof(*node));
	node->op = op;
	node->compare = "=";
	return node;
}

/* Join the node left with the last one. */
static bool
join(Parser *p, FsFilterOp op, int left)
{
	int			right = p->filter->n - 1;
	FsFilterNode *node = add(p, op);

	if (node == NULL)
		return false;
	node->left = left;
	node->right = right;
	return true;
}

/* Add a condition on the second field, like the last node's on the first. */
static bool
repeat(Parser *p, Side side, FsFilterField field)
{
	int			left = p->filter->n - 1;
	FsFilterNode *node = add(p, FS_FILTER_ANY);

	if (node == NULL)
		return false;
	*node = p->filter->nodes[left];
	node->field = field;
	return join(p, side == BOTH || strcmp(node->compare, "<>") == 0
				? FS_FILTER_AND : FS_FILTER_OR, left);
}

/* For one side its field; for both, or either, those of both. */
static bool
finish(Parser *p, Side side, FsFilterField src, FsFilterField dst)
{
	p->filter->nodes[p->filter->n - 1].field = side == DST ? dst : src;
	return side == SRC || side == DST || src == dst || repeat(p, side, dst);
}

static bool
read_number(Parser *p, int64 *number)
{
	int64		value = 0;
	int64		unit = 1;
	int			len = p->word.len;
	const char *letter;

	if (p->word.is_quoted || len == 0 || p->word.at[0] < '0' || p->word.at[0] > '9')
		return fail(p, "A number is expected.");
	letter = memchr(units, lower(p->word.at[len - 1]), strlen(units));
	if (letter != NULL)
	{
		len--;
		for (const char *u = units; u <= letter; u++)
			unit *= 1000;
	}
	for (int i = 0; i < len; i++)
	{
		int			digit = p->word.at[i] - '0';

		if (digit < 0 || digit > 9)
			return fail(p, "A number is expected.");
		if (value > (PG_INT64_MAX - digit) / 10)
			return fail(p, "The number is too large.");
		value = value * 10 + digit;
	}
	if (value > PG_INT64_MAX / unit)
		return fail(p, "The number is too large.");
	*number = value * unit;
	advance(p);
	return true;
}

/* One address or network; bits beyond the mask are cleared. */
static bool
read_address(Parser *p, FsFilterNode *node)
{
	char		text[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	const char *slash = memchr(p->word.at, '/', p->word.len);
	int			len = slash == NULL ? p->word.len : (int) (slash - p->word.at);
	int			family = memchr(p->word.at, ':', p->word.len) ? AF_INET6 : AF_INET;
	int			max = family == AF_INET6 ? 128 : 32;
	int			bits = 0;

	if (p->word.is_quoted || len == 0 || len >= (int) sizeof(text) || *p->word.at == '\0')
		return fail(p, "An address is expected.");
	memcpy(text, p->word.at, len);
	text[len] = '\0';
	if (inet_pton(family, text, bytes) != 1)
		return fail(p, "An address is expected.");
	if (slash == NULL)
		bits = max;
	else if (slash + 1 == p->word.at + p->word.len)
		return fail(p, "A length of a network is expected after \"/\".");
	for (const char *s = slash; s != NULL && ++s < p->word.at + p->word.len;)
	{
		if (*s < '0' || *s > '9' || (bits = bits * 10 + *s - '0') > max)
			return fail(p, "The length of the network is out of range.");
	}
	for (int i = 0; i < max / 8; i++)
		if (bits - i * 8 < 8)
			bytes[i] &= bits - i * 8 <= 0 ? 0 : (unsigned char) (0xff << (8 - (bits - i * 8)));
	inet_ntop(family, bytes, text, sizeof(text));
	node->is_network = bits < max;
	if (node->is_network)
		snprintf(node->addr, sizeof(node->addr), "%s/%d", text, bits);
	else
		snprintf(node->addr, sizeof(node->addr), "%s", text);
	advance(p);
	return true;
}

/* One condition on an address or a number, of fields src and dst. */
static bool
parse_value(Parser *p, FsFilterOp op, const char *compare, Side side,
			const FsFilterField *fields)
{
	FsFilterNode *node = add(p, op);

	if (node == NULL)
		return false;
	node->compare = compare;
	if (!(op == FS_FILTER_NET ? read_address(p, node) : read_number(p, &node->number)))
		return false;
	return finish(p, side, fields[0], fields[1]);
}

static const char *
read_compare(Parser *p)
{
	for (int i = 0; i < lengthof(compares); i++)
		if (take(p, compares[i].name))
			return compares[i].sql;
	return "=";
}

/* What follows the name of a field: a value, or a list of them. */
static bool
parse_values(Parser *p, FsFilterOp op, Side side, FsFilterField src, FsFilterField dst)
{
	const FsFilterField fields[2] = {src, dst};
	int			left = -1;

	if (!take(p, "in"))
		return parse_value(p, op, op == FS_FILTER_NET ? "=" : read_compare(p), side, fields);
	if (!take(p, "["))
		return fail(p, "\"[\" is expected.");
	do
	{
		if (!parse_value(p, op, "=", side, fields) ||
			(left >= 0 && !join(p, FS_FILTER_OR, left)))
			return false;
		left = p->filter->n - 1;
		take(p, ",");
	} while (!is(p, "]") && p->word.len > 0);
	return take(p, "]") || fail(p, "\"]\" is expected.");
}

static Side
read_side(Parser *p)
{
	Word		before;

	if (take(p, "dst"))
		return DST;
	if (!take(p, "src"))
		return EITHER;
	before = p->word;
	if (take(p, "or") && take(p, "dst"))
		return EITHER;
	p->word = before;
	if (take(p, "and") && take(p, "dst"))
		return BOTH;
	p->word = before;
	return SRC;
}

static bool
parse_proto(Parser *p)
{
	FsFilterNode *node = add(p, FS_FILTER_NUMBER);

	if (node == NULL)
		return false;
	node->field = FS_FILTER_PROTO;
	for (int i = 0; i < lengthof(protocols); i++)
		if (take(p, protocols[i].name))
		{
			node->number = protocols[i].value;
			return true;
		}
	return read_number(p, &node->number);
}

static bool
parse_flags(Parser *p)
{
	FsFilterNode *node = add(p, FS_FILTER_FLAGS);

	if (node == NULL)
		return false;
	if (p->word.len == 0)
		return fail(p, "Letters of flags are expected.");
	for (int i = 0; i < p->word.len; i++)
	{
		const char *letter = memchr(flags, lower(p->word.at[i]), strlen(flags));

		if (letter == NULL)
			return fail(p, "Flags are letters of FSRPAUEC.");
		node->number |= INT64CONST(1) << (letter - flags);
	}
	advance(p);
	return true;
}

static bool
parse_sensor(Parser *p)
{
	FsFilterNode *node = add(p, FS_FILTER_TEXT);

	if (node == NULL)
		return false;
	if (!p->word.is_quoted && (p->word.len == 0 || !is_word_char(p->word.at[0])))
		return fail(p, "A name is expected.");
	node->field = FS_FILTER_SENSOR;
	node->text = p->word.at;
	node->text_len = p->word.len;
	advance(p);
	return true;
}

static bool
parse_family(Parser *p, int version)
{
	FsFilterNode *node = add(p, FS_FILTER_FAMILY);

	if (node != NULL)
		node->number = version;
	return node != NULL;
}

/* Conditions on the ends of a flow. */
static bool
parse_end(Parser *p)
{
	Side		side = read_side(p);

	if (take(p, "ip") || take(p, "host") || take(p, "net"))
		return parse_values(p, FS_FILTER_NET, side, FS_FILTER_SRC_ADDR, FS_FILTER_DST_ADDR);
	if (take(p, "port"))
		return parse_values(p, FS_FILTER_NUMBER, side, FS_FILTER_SRC_PORT, FS_FILTER_DST_PORT);
	if (take(p, "as"))
		return parse_values(p, FS_FILTER_NUMBER, side, FS_FILTER_SRC_AS, FS_FILTER_DST_AS);
	return fail(p, side == EITHER ? "A condition is expected."
				: "\"ip\", \"net\", \"port\" or \"as\" is expected.");
}

static bool
parse_condition(Parser *p)
{
	if (take(p, "any"))
		return add(p, FS_FILTER_ANY) != NULL;
	if (take(p, "inet") || take(p, "ipv4"))
		return parse_family(p, 4);
	if (take(p, "inet6") || take(p, "ipv6"))
		return parse_family(p, 6);
	if (take(p, "proto"))
		return parse_proto(p);
	if (take(p, "flags"))
		return parse_flags(p);
	if (take(p, "sensor"))
		return parse_sensor(p);
	if (take(p, "exporter"))
	{
		if (!take(p, "ip"))
			take(p, "net");
		return parse_values(p, FS_FILTER_NET, SRC, FS_FILTER_EXPORTER, FS_FILTER_EXPORTER);
	}
	if (is(p, "in") || is(p, "out") || is(p, "if"))
	{
		Side		side = take(p, "in") ? SRC : take(p, "out") ? DST : EITHER;

		if (!take(p, "if"))
			return fail(p, "\"if\" is expected.");
		return parse_values(p, FS_FILTER_NUMBER, side, FS_FILTER_IN_IF, FS_FILTER_OUT_IF);
	}
	for (int i = 0; i < lengthof(measures); i++)
		if (take(p, measures[i].name))
			return parse_values(p, FS_FILTER_NUMBER, SRC, measures[i].value, measures[i].value);
	return parse_end(p);
}

static bool
parse_factor(Parser *p)
{
	bool		is_ok;

	if (++p->depth > FS_FILTERTEXT_MAX_DEPTH)
		return fail(p, "The filter is nested too deeply.");
	if (take(p, "not") || take(p, "!"))
		is_ok = parse_factor(p) && join(p, FS_FILTER_NOT, p->filter->n - 1);
	else if (take(p, "("))
		is_ok = parse_or(p) && (take(p, ")") || fail(p, "\")\" is expected."));
	else
		is_ok = parse_condition(p);
	p->depth--;
	return is_ok;
}

static bool
parse_and(Parser *p)
{
	bool		is_ok = parse_factor(p);

	while (is_ok && (take(p, "and") || take(p, "&&")))
	{
		int			left = p->filter->n - 1;

		is_ok = parse_factor(p) && join(p, FS_FILTER_AND, left);
	}
	return is_ok;
}

static bool
parse_or(Parser *p)
{
	bool		is_ok = parse_and(p);

	while (is_ok && (take(p, "or") || take(p, "||")))
	{
		int			left = p->filter->n - 1;

		is_ok = parse_and(p) && join(p, FS_FILTER_OR, left);
	}
	return is_ok;
}

bool
fs_filtertext_parse(const char *text, int len, FsFilterText *filter)
{
	Parser		p = {text, text + len, {text, 0, false}, 0, filter};

	filter->n = 0;
	filter->fault = NULL;
	filter->fault_off = filter->fault_len = 0;
	advance(&p);
	if (!parse_or(&p))
		return false;
	return p.word.len == 0 && !p.word.is_quoted ? true
		: fail(&p, "\"and\" or \"or\" is expected.");
}
