/*-------------------------------------------------------------------------
 *
 * Memory for tables that grow.
 *
 * The owner gives alloc and release; a table counts what it has taken.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_ALLOCATOR_H
#define FS_VECTOR_ALLOCATOR_H

#include "c.h"

/*
 * alloc() returns at least size bytes, of any content, aligned to 16, or does
 * not return; then the table that asked must not be used again, and its
 * memory is the owner's to find.  size may exceed a gigabyte.
 */
typedef struct FsAllocator
{
	void	   *(*alloc) (struct FsAllocator *allocator, size_t size);
	void		(*release) (struct FsAllocator *allocator, void *memory);
	void	   *state;			/* the owner's */
} FsAllocator;

typedef struct FsMemory
{
	FsAllocator *allocator;
	size_t		used_bytes;		/* taken and not yet released */
} FsMemory;

static inline void *
fs_memory_take(FsMemory *memory, size_t size)
{
	void	   *p = memory->allocator->alloc(memory->allocator, size);

	memory->used_bytes += size;
	return p;
}

/* p may be NULL; size as it was taken. */
static inline void
fs_memory_release(FsMemory *memory, void *p, size_t size)
{
	if (p == NULL)
		return;
	memory->allocator->release(memory->allocator, p);
	memory->used_bytes -= size;
}

/* An array of n elements moves to one of room for more; the old may be NULL. */
static inline void *
fs_memory_grow(FsMemory *memory, void *old, size_t n, size_t more,
			   size_t element_bytes)
{
	void	   *p = fs_memory_take(memory, more * element_bytes);

	if (old != NULL)
		memcpy(p, old, n * element_bytes);
	fs_memory_release(memory, old, n * element_bytes);
	return p;
}

#endif							/* FS_VECTOR_ALLOCATOR_H */
