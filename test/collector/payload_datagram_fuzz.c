/*-------------------------------------------------------------------------
 *
 * libFuzzer target: datagrams of a conversation, each behind two bytes: the
 * direction, and a bit that makes it the frames of an Initial packet, which is
 * encrypted as a client would; and the length divided by 8.
 *
 *-------------------------------------------------------------------------
 */
#include "payload_check.h"
#include "payload_initial.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct initial initial = INITIAL_V1;
	static struct bytes packet;
	struct payload payload;
	uint32_t	number = 0;

	payload_init(&payload);
	while (size >= 2)
	{
		uint8_t		flags = data[0];
		size_t		len = (size_t) data[1] * 8 + (flags >> 5);

		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		packet.n = 0;
		if (flags & 2)
			put_initial(&packet, &initial, number++, data, len);
		else
			put(&packet, data, len);
		(void) payload_datagram(&payload, flags & 1, packet.b, packet.n);
		data += len;
		size -= len;
	}
	check_payload(&payload);
	payload_free(&payload);
	return 0;
}
