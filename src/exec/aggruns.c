/*-------------------------------------------------------------------------
 *
 * Runs.
 *
 * Records of a partition are collected into blocks.  A block is written whole
 * and names the one of the same partition and process that was written
 * before, so a tail for each partition is all that must be remembered:
 *
 *		previous	dsa_pointer, or position in the file + 1; 0: none
 *		len			of the records that follow
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>

#include "storage/buffile.h"
#include "storage/sharedfileset.h"
#include "utils/memutils.h"

#include "exec/aggruns.h"

#define MIN_BLOCK_BYTES 1024
#define MAX_BLOCK_BYTES (16 * 1024)

typedef struct BlockHead
{
	uint64		previous;
	uint64		len;
} BlockHead;

/* The last block of a partition and process in each place. */
typedef struct RunTail
{
	dsa_pointer memory;
	uint64		file;			/* position + 1 */
} RunTail;

typedef struct Participant
{
	bool		has_file;
	RunTail		tails[FS_RUNS_PARTITIONS];
} Participant;

struct FsRunsShared
{
	SharedFileSet fileset;
	int			nparticipants;
	Participant participants[FLEXIBLE_ARRAY_MEMBER];
};

struct FsRuns
{
	MemoryContext cxt;
	FsRunsShared *shared;		/* NULL if private */
	dsa_area   *area;
	Size		quota;			/* bytes of the area that may still be taken */
	int			me;
	int			nparticipants;
	Participant *participants;
	Size		block_bytes;
	char	   *blocks[FS_RUNS_PARTITIONS]; /* being filled */
	uint32		fill[FS_RUNS_PARTITIONS];
	BufFile    *file;			/* being written */
	uint64		written;

	/* the partition that is read */
	int			partition;
	int			from;			/* participant */
	bool		has_memory;		/* the block that was given is in the area */
	BufFile   **files;			/* [nparticipants] */
	char	   *buffer;
	Size		buffer_bytes;
};

Size
fs_runs_block_bytes(Size budget)
{
	Size		bytes = budget / (4 * FS_RUNS_PARTITIONS);

	return Max(MIN_BLOCK_BYTES, Min(bytes, MAX_BLOCK_BYTES));
}

static FsRuns *
make_runs(Size block_bytes, int nparticipants)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore runs",
											  ALLOCSET_DEFAULT_SIZES);
	FsRuns	   *runs = MemoryContextAllocZero(cxt, sizeof(FsRuns));

	runs->cxt = cxt;
	runs->block_bytes = block_bytes;
	runs->nparticipants = nparticipants;
	runs->files = MemoryContextAllocZero(cxt, sizeof(BufFile *) *
										 nparticipants);
	return runs;
}

FsRuns *
fs_runs_create(Size block_bytes)
{
	FsRuns	   *runs = make_runs(block_bytes, 1);

	runs->participants = MemoryContextAllocZero(runs->cxt,
												sizeof(Participant));
	return runs;
}

Size
fs_runs_shared_size(int nparticipants)
{
	return add_size(offsetof(FsRunsShared, participants),
					mul_size(sizeof(Participant), nparticipants));
}

void
fs_runs_shared_init(FsRunsShared *shared, int nparticipants, dsm_segment *seg)
{
	memset(shared, 0, fs_runs_shared_size(nparticipants));
	shared->nparticipants = nparticipants;
	SharedFileSetInit(&shared->fileset, seg);
}

FsRuns *
fs_runs_join(FsRunsShared *shared, int participant, dsm_segment *seg,
			 dsa_area *area, Size block_bytes, Size quota)
{
	FsRuns	   *runs = make_runs(block_bytes, shared->nparticipants);

	if (seg != NULL)
		SharedFileSetAttach(&shared->fileset, seg);
	runs->shared = shared;
	runs->me = participant;
	runs->participants = shared->participants;
	runs->area = area;
	runs->quota = quota;
	return runs;
}

/* --- writing ------------------------------------------------------------ */

static BufFile *
create_file(FsRuns *runs)
{
	MemoryContext old = MemoryContextSwitchTo(runs->cxt);
	BufFile    *file;

	if (runs->shared == NULL)
		file = BufFileCreateTemp(false);
	else
	{
		char		name[MAXPGPATH];

		snprintf(name, sizeof(name), "groups%d", runs->me);
		file = BufFileCreateFileSet(&runs->shared->fileset.fs, name);
		runs->participants[runs->me].has_file = true;
	}
	MemoryContextSwitchTo(old);
	return file;
}

/* A block's bytes are two pieces, of which the second may be empty. */
static void
write_to_file(FsRuns *runs, RunTail *tail, BlockHead *head, char *first,
			  Size first_len, char *second)
{
	int			fileno;
	off_t		offset;

	if (runs->file == NULL)
		runs->file = create_file(runs);
	BufFileTell(runs->file, &fileno, &offset);
	head->previous = tail->file;
	BufFileWrite(runs->file, head, sizeof(BlockHead));
	BufFileWrite(runs->file, first, first_len);
	if (head->len > first_len)
		BufFileWrite(runs->file, second, head->len - first_len);
	tail->file = ((uint64) fileno << 32 | (uint64) offset) + 1;
	runs->written += sizeof(BlockHead) + head->len;
}

static bool
write_to_memory(FsRuns *runs, RunTail *tail, BlockHead *head,
				const char *first, Size first_len, const char *second)
{
	Size		bytes = sizeof(BlockHead) + head->len;
	dsa_pointer block;
	char	   *p;

	if (bytes > runs->quota)
		return false;
	block = dsa_allocate_extended(runs->area, bytes, DSA_ALLOC_HUGE |
								  DSA_ALLOC_NO_OOM);
	if (!DsaPointerIsValid(block))
		return false;
	runs->quota -= bytes;
	p = dsa_get_address(runs->area, block);
	head->previous = tail->memory;
	memcpy(p, head, sizeof(BlockHead));
	memcpy(p + sizeof(BlockHead), first, first_len);
	if (head->len > first_len)
		memcpy(p + sizeof(BlockHead) + first_len, second,
			   head->len - first_len);
	tail->memory = block;
	return true;
}

static void
write_block(FsRuns *runs, int partition, char *first, Size first_len,
			char *second, Size second_len)
{
	RunTail    *tail = &runs->participants[runs->me].tails[partition];
	BlockHead	head = {0, first_len + second_len};

	if (!write_to_memory(runs, tail, &head, first, first_len, second))
		write_to_file(runs, tail, &head, first, first_len, second);
}

static void
flush(FsRuns *runs, int partition)
{
	if (runs->fill[partition] > 0)
		write_block(runs, partition, runs->blocks[partition],
					runs->fill[partition], NULL, 0);
	runs->fill[partition] = 0;
}

void
fs_runs_put(FsRuns *runs, int partition, const char *record, uint32 len)
{
	char	   *block;

	if (sizeof(len) + (Size) len > runs->block_bytes)
	{
		write_block(runs, partition, (char *) &len, sizeof(len),
					unconstify(char *, record), len);
		return;
	}
	if (runs->fill[partition] + sizeof(len) + len > runs->block_bytes)
		flush(runs, partition);
	block = runs->blocks[partition];
	if (block == NULL)
		block = runs->blocks[partition] =
			MemoryContextAlloc(runs->cxt, runs->block_bytes);
	block += runs->fill[partition];
	memcpy(block, &len, sizeof(len));
	memcpy(block + sizeof(len), record, len);
	runs->fill[partition] += sizeof(len) + len;
}

void
fs_runs_finish(FsRuns *runs)
{
	for (int i = 0; i < FS_RUNS_PARTITIONS; i++)
	{
		flush(runs, i);
		if (runs->blocks[i] != NULL)
			pfree(runs->blocks[i]);
		runs->blocks[i] = NULL;
	}
	if (runs->file == NULL)
		return;
	if (runs->shared == NULL)
	{
		runs->files[0] = runs->file;
		runs->file = NULL;
		return;
	}
	BufFileExportFileSet(runs->file);
	BufFileClose(runs->file);
	runs->file = NULL;
}

/* --- reading ------------------------------------------------------------ */

void
fs_runs_open(FsRuns *runs, int partition)
{
	runs->partition = partition;
	runs->from = 0;
	runs->has_memory = false;
}

static BufFile *
open_file(FsRuns *runs)
{
	if (runs->files[runs->from] == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(runs->cxt);
		char		name[MAXPGPATH];

		snprintf(name, sizeof(name), "groups%d", runs->from);
		runs->files[runs->from] =
			BufFileOpenFileSet(&runs->shared->fileset.fs, name, O_RDONLY,
							   false);
		MemoryContextSwitchTo(old);
	}
	return runs->files[runs->from];
}

static void
read_bytes(BufFile *file, void *p, Size len)
{
	Size		n = BufFileRead(file, p, len);

	if (n != len)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from temporary file of groups: read only %zu of %zu bytes",
						n, len)));
}

static Size
read_from_file(FsRuns *runs, RunTail *tail)
{
	BufFile    *file = open_file(runs);
	uint64		position = tail->file - 1;
	BlockHead	head;

	if (BufFileSeek(file, (int) (position >> 32),
					(off_t) (position & 0xffffffff), SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not seek in temporary file of groups")));
	read_bytes(file, &head, sizeof(head));
	if (head.len > runs->buffer_bytes)
	{
		if (runs->buffer != NULL)
			pfree(runs->buffer);
		runs->buffer = NULL;
		runs->buffer_bytes = Max(head.len, runs->block_bytes);
		runs->buffer = MemoryContextAllocHuge(runs->cxt, runs->buffer_bytes);
	}
	read_bytes(file, runs->buffer, head.len);
	tail->file = head.previous;
	return head.len;
}

/* Give back the block of the area that was read last. */
static void
release_block(FsRuns *runs, RunTail *tail)
{
	dsa_pointer block = tail->memory;
	BlockHead  *head = dsa_get_address(runs->area, block);

	tail->memory = head->previous;
	dsa_free(runs->area, block);
	runs->has_memory = false;
}

bool
fs_runs_next(FsRuns *runs, const uint8 **bytes, Size *len)
{
	for (; runs->from < runs->nparticipants; runs->from++)
	{
		RunTail    *tail = &runs->participants[runs->from].tails[runs->partition];

		if (runs->has_memory)
			release_block(runs, tail);
		if (DsaPointerIsValid(tail->memory))
		{
			BlockHead  *head = dsa_get_address(runs->area, tail->memory);

			runs->has_memory = true;
			*bytes = (const uint8 *) (head + 1);
			*len = head->len;
			return true;
		}
		if (tail->file != 0)
		{
			*len = read_from_file(runs, tail);
			*bytes = (const uint8 *) runs->buffer;
			return true;
		}
	}
	return false;
}

uint64
fs_runs_written(const FsRuns *runs)
{
	return runs->written;
}

void
fs_runs_end(FsRuns *runs)
{
	if (runs->file != NULL)
		BufFileClose(runs->file);
	for (int i = 0; i < runs->nparticipants; i++)
		if (runs->files[i] != NULL)
			BufFileClose(runs->files[i]);
	MemoryContextDelete(runs->cxt);
}

void
fs_runs_shared_reset(FsRunsShared *shared, dsa_area *area)
{
	for (int i = 0; i < shared->nparticipants; i++)
	{
		Participant *participant = &shared->participants[i];

		for (int p = 0; p < FS_RUNS_PARTITIONS; p++)
			while (DsaPointerIsValid(participant->tails[p].memory))
			{
				dsa_pointer block = participant->tails[p].memory;
				BlockHead  *head = dsa_get_address(area, block);

				participant->tails[p].memory = head->previous;
				dsa_free(area, block);
			}
		memset(participant, 0, sizeof(Participant));
	}
	SharedFileSetDeleteAll(&shared->fileset);
}
