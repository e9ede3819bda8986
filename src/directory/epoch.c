/*-------------------------------------------------------------------------
 *
 * Epochs.
 *
 * Either all backends of a server know the counters or none does: they exist
 * if the postmaster loaded the library.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "directory/epoch.h"

#define NEPOCHS		1024		/* a power of two */

static pg_atomic_uint64 *epochs = NULL;

static shmem_request_hook_type previous_request = NULL;
static shmem_startup_hook_type previous_startup = NULL;

static pg_atomic_uint64 *
epoch_of(Relation rel)
{
	LockRelId	id = rel->rd_lockInfo.lockRelId;
	uint32		hash = hash_combine(murmurhash32(id.dbId),
									murmurhash32(id.relId));

	return &epochs[hash % NEPOCHS];
}

bool
fs_epoch_read(Relation rel, uint64 *epoch)
{
	if (epochs == NULL)
		return false;
	*epoch = pg_atomic_read_u64(epoch_of(rel));
	return true;
}

void
fs_epoch_advance(Relation rel)
{
	if (epochs != NULL)
		(void) pg_atomic_fetch_add_u64(epoch_of(rel), 1);
}

static void
request_memory(void)
{
	if (previous_request)
		previous_request();
	RequestAddinShmemSpace(NEPOCHS * sizeof(pg_atomic_uint64));
}

static void
startup_memory(void)
{
	bool		found;

	if (previous_startup)
		previous_startup();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	epochs = ShmemInitStruct("flowstore epochs",
							 NEPOCHS * sizeof(pg_atomic_uint64), &found);
	if (!found)
		for (int i = 0; i < NEPOCHS; i++)
			pg_atomic_init_u64(&epochs[i], 0);
	LWLockRelease(AddinShmemInitLock);
}

void
fs_epoch_init(void)
{
	previous_request = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup = shmem_startup_hook;
	shmem_startup_hook = startup_memory;
}
