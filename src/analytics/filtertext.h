/*-------------------------------------------------------------------------
 *
 * The language of flow.filter(): conditions on flows, like those of nfdump.
 *
 *		filter	  = term { ( "or" | "||" ) term }
 *		term	  = factor { ( "and" | "&&" ) factor }
 *		factor	  = ( "not" | "!" ) factor | "(" filter ")" | condition
 *		condition = "any" | "inet" | "ipv4" | "inet6" | "ipv6"
 *				  | [ side ] ( "ip" | "host" | "net" ) addresses
 *				  | [ side ] ( "port" | "as" ) numbers
 *				  | [ "in" | "out" ] "if" numbers
 *				  | "exporter" [ "ip" | "net" ] addresses
 *				  | "proto" ( name | number )
 *				  | "flags" letters | "tos" numbers | "sensor" name
 *				  | ( "bytes" | "packets" | "duration" | "bpp" | "bps" | "pps" ) numbers
 *		side	  = "src" | "dst" | "src" "or" "dst" | "src" "and" "dst"
 *		addresses = address | "in" "[" address { [ "," ] address } "]"
 *		numbers	  = [ compare ] number | "in" "[" number { [ "," ] number } "]"
 *		compare	  = "=" | "==" | "!=" | "<>" | "<" | ">" | "<=" | ">=" | "eq" | "ne" | "lt" | "gt" | "le" | "ge"
 *
 * Words are the same in small and capital letters.  A number may have one of
 * the letters k, M, G and T after it, powers of 1000.  Needs no server.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_FILTERTEXT_H
#define FS_ANALYTICS_FILTERTEXT_H

#include "c.h"

#define FS_FILTERTEXT_MAX_NODES		2000
#define FS_FILTERTEXT_MAX_DEPTH		100
#define FS_FILTERTEXT_ADDR_LEN		64	/* of an address or network as text */

typedef enum FsFilterOp
{
	FS_FILTER_OR,				/* of left and right */
	FS_FILTER_AND,
	FS_FILTER_NOT,				/* of left */
	FS_FILTER_ANY,				/* always true */
	FS_FILTER_FAMILY,			/* number is 4 or 6 */
	FS_FILTER_NET,				/* field lies in addr, a network or an address */
	FS_FILTER_NUMBER,			/* field compared with number */
	FS_FILTER_FLAGS,			/* all bits of number are set */
	FS_FILTER_TEXT				/* field equals text */
} FsFilterOp;

typedef enum FsFilterField
{
	FS_FILTER_SRC_ADDR, FS_FILTER_DST_ADDR, FS_FILTER_EXPORTER,
	FS_FILTER_SRC_PORT, FS_FILTER_DST_PORT, FS_FILTER_SRC_AS, FS_FILTER_DST_AS,
	FS_FILTER_IN_IF, FS_FILTER_OUT_IF, FS_FILTER_PROTO, FS_FILTER_TOS,
	FS_FILTER_SENSOR, FS_FILTER_BYTES, FS_FILTER_PACKETS, FS_FILTER_DURATION,
	FS_FILTER_BPP, FS_FILTER_BPS, FS_FILTER_PPS
} FsFilterField;

typedef struct FsFilterNode
{
	FsFilterOp	op;
	FsFilterField field;
	int			left;			/* numbers of nodes, below that of this one */
	int			right;
	const char *compare;		/* an operator of SQL; a constant */
	int64		number;
	bool		is_network;		/* or one address */
	char		addr[FS_FILTERTEXT_ADDR_LEN];	/* as inet_ntop() writes it */
	const char *text;			/* in the filter, text_len bytes */
	int			text_len;
} FsFilterNode;

typedef struct FsFilterText
{
	int			n;				/* the last node is the root */
	int			cap;
	FsFilterNode *nodes;		/* [cap], the caller's */
	const char *fault;			/* what is wrong, a sentence; NULL: nothing */
	int			fault_off;		/* and where, in bytes */
	int			fault_len;		/* of the word there, 0 at the end */
} FsFilterText;

/*
 * Parse text[len] into nodes.  Returns false, and says why and where in
 * fault, if it is no filter, needs more nodes than cap or is nested too
 * deeply.  Any bytes may come; they need no terminator.
 */
extern bool fs_filtertext_parse(const char *text, int len, FsFilterText *filter);

#endif							/* FS_ANALYTICS_FILTERTEXT_H */
