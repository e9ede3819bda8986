/*-------------------------------------------------------------------------
 *
 * libFuzzer target: the parsers that lie behind others; the first byte
 * chooses.
 *
 *-------------------------------------------------------------------------
 */
#include "payload_cert.h"
#include "payload_check.h"
#include "payload_dns.h"
#include "payload_entropy.h"
#include "payload_tls.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_hello(struct payload *payload, uint8_t choice, const uint8_t *data,
		  size_t size)
{
	struct hello hello;
	uint8_t		type = choice & 1 ? HELLO_SERVER : HELLO_CLIENT;

	if (size > HELLO_MESSAGE_MAX ||
		!hello_read(&hello, choice >> 1 & 1 ? HELLO_DTLS : HELLO_TLS, type,
					data, size))
		return;
	if (type == HELLO_CLIENT)
		tls_put_client(&payload->found, &hello);
	else
		tls_put_server(&payload->found, &hello);
}

static void
try_entropy(const uint8_t *data, size_t size)
{
	uint32_t	counts[256] = {0};
	double		entropy;

	payload_count_bytes(counts, data, size);
	entropy = payload_entropy(counts);
	if (!(entropy >= 0 && entropy <= 8.000001))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct payload payload;
	uint8_t		choice;

	if (size == 0)
		return 0;
	choice = *data++;
	size--;
	payload_init(&payload);
	switch (choice >> 2 & 3)
	{
		case 0:
			try_hello(&payload, choice, data, size);
			break;
		case 1:
			cert_read(&payload.found, data, size);
			break;
		case 2:
			if (!dns_message(&payload.found, data, size) &&
				payload.found.used > 0)
				abort();
			break;
		case 3:
			try_entropy(data, size);
			break;
	}
	check_payload(&payload);
	payload_free(&payload);
	return 0;
}
