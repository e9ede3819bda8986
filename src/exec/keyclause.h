/*-------------------------------------------------------------------------
 *
 * Join clauses as conditions on one of the relations.
 *
 * "f.addr = i.addr" implies "f.addr = ANY (all values of i.addr)", which needs
 * no row of i at hand.  Equality and containment in a subnet are understood,
 * with AND and OR, between a column and a strict expression; of an AND, what is
 * not understood is left out.  So what results is implied by the clause, and
 * seldom the same.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_KEYCLAUSE_H
#define FS_EXEC_KEYCLAUSE_H

#include "postgres.h"

#include "nodes/primnodes.h"

/*
 * Makes the array that has all values of expr, an expression of the other
 * relation; its type is get_array_type(exprType(expr)).
 */
typedef Expr *(*FsKeyListMaker) (void *arg, Expr *expr);

/* True if fs_keyclause_convert() gives something. */
extern bool fs_keyclause_is_useful(Node *clause, Index varno);

/*
 * What a join clause implies for rows of relation varno; NULL if nothing.
 * The expressions that make() is called for, and their order, depend on the
 * clause only.
 */
extern Expr *fs_keyclause_convert(Node *clause, Index varno,
								  FsKeyListMaker make, void *arg);

#endif							/* FS_EXEC_KEYCLAUSE_H */
