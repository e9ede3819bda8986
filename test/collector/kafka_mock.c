/*
 * A cluster of Kafka that lives in this process: kafka_mock TOPIC PARTITIONS FIRST COUNT [PAUSE_US]
 *
 * Prints the brokers' addresses, then produces COUNT messages, a flow as JSON with
 * its number, from FIRST on, as bytes; prints "done", and serves until standard
 * input ends.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char		error[512];
	rd_kafka_t *handle;
	rd_kafka_mock_cluster_t *cluster;
	char		message[256];
	char		byte;

	if (argc < 5)
		return 2;
	rd_kafka_conf_set(conf, "client.id", "mock", error, sizeof(error));
	handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
	cluster = handle == NULL ? NULL : rd_kafka_mock_cluster_new(handle, 2);
	if (cluster == NULL)
		return 2;
	rd_kafka_mock_topic_create(cluster, argv[1], atoi(argv[2]), 1);
	printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
	fflush(stdout);
	rd_kafka_brokers_add(handle, rd_kafka_mock_cluster_bootstraps(cluster));
	for (long n = atol(argv[3]); n < atol(argv[3]) + atol(argv[4]); n++)
	{
		int			len = snprintf(message, sizeof(message), "{\"ts\": \"2026-01-02T03:04:05Z\", "
								   "\"src_addr\": \"192.0.2.%ld\", \"dst_addr\": \"2001:db8::1\", "
								   "\"proto\": 6, \"packets\": 1, \"bytes\": %ld}\n", n % 250, n);

		while (rd_kafka_producev(handle, RD_KAFKA_V_TOPIC(argv[1]), RD_KAFKA_V_PARTITION((int32_t) (n % atoi(argv[2]))),
								 RD_KAFKA_V_VALUE(message, (size_t) len),
								 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR)
			rd_kafka_poll(handle, 10);
		if (argc > 5)
			usleep((useconds_t) atoi(argv[5]));
		rd_kafka_poll(handle, 0);
	}
	if (rd_kafka_flush(handle, 30000) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return 1;
	puts("done");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(handle);
	return 0;
}
