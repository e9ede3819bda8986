/*-------------------------------------------------------------------------
 *
 * What becomes of a field: by number of the information element.
 *
 * NetFlow v9 has no enterprise numbers; vendors took types from 32768 up.
 * Those of Cisco's ASA and of Palo Alto are known here.
 *
 * Sources: IANA's registry of IPFIX; RFC 3954, section 8; RFC 5103; Cisco,
 * "ASA NetFlow Implementation Guide"; Palo Alto, "NetFlow Templates".
 *
 *-------------------------------------------------------------------------
 */
#include "element.h"
#include "field_use.h"
#include "flow_extra.h"

#define LAST_ELEMENT 383

struct vendor_action
{
	uint16_t	id;
	struct field_action action;
};

static const struct field_action forward[LAST_ELEMENT + 1] = {
	[1] = {FIELD_SLOT, SLOT_BYTES},
	[2] = {FIELD_SLOT, SLOT_PACKETS},
	[4] = {FIELD_SLOT, SLOT_PROTO},
	[5] = {FIELD_SLOT, SLOT_TOS},
	[6] = {FIELD_SLOT, SLOT_TCP_FLAGS},
	[7] = {FIELD_SLOT, SLOT_SRC_PORT},
	[8] = {FIELD_SRC_ADDR, 0},
	[9] = {FIELD_COLUMN, FLOW_SRC_MASK},
	[10] = {FIELD_SLOT, SLOT_IN_IF},
	[11] = {FIELD_SLOT, SLOT_DST_PORT},
	[12] = {FIELD_DST_ADDR, 0},
	[13] = {FIELD_COLUMN, FLOW_DST_MASK},
	[14] = {FIELD_SLOT, SLOT_OUT_IF},
	[15] = {FIELD_COLUMN_ADDR, FLOW_NEXT_HOP},
	[16] = {FIELD_SLOT, SLOT_SRC_AS},
	[17] = {FIELD_SLOT, SLOT_DST_AS},
	[18] = {FIELD_COLUMN_ADDR, FLOW_BGP_NEXT_HOP},
	[21] = {FIELD_SLOT, SLOT_END_UPTIME},
	[22] = {FIELD_SLOT, SLOT_START_UPTIME},
	[23] = {FIELD_COLUMN, FLOW_POST_BYTES},
	[24] = {FIELD_COLUMN, FLOW_POST_PACKETS},
	[25] = {FIELD_COLUMN, FLOW_MIN_LENGTH},
	[26] = {FIELD_COLUMN, FLOW_MAX_LENGTH},
	[27] = {FIELD_SRC_ADDR, 0},
	[28] = {FIELD_DST_ADDR, 0},
	[29] = {FIELD_COLUMN, FLOW_SRC_MASK},
	[30] = {FIELD_COLUMN, FLOW_DST_MASK},
	[32] = {FIELD_SLOT, SLOT_ICMP},
	[34] = {FIELD_SLOT, SLOT_INTERVAL},
	[48] = {FIELD_SLOT, SLOT_SELECTOR},
	[50] = {FIELD_SLOT, SLOT_INTERVAL},
	[52] = {FIELD_COLUMN, FLOW_MIN_TTL},
	[53] = {FIELD_COLUMN, FLOW_MAX_TTL},
	[56] = {FIELD_COLUMN_MAC, FLOW_SRC_MAC},
	[58] = {FIELD_COLUMN, FLOW_VLAN},
	[59] = {FIELD_COLUMN, FLOW_POST_VLAN},
	[61] = {FIELD_COLUMN, FLOW_DIRECTION},
	[62] = {FIELD_COLUMN_ADDR, FLOW_NEXT_HOP},
	[63] = {FIELD_COLUMN_ADDR, FLOW_BGP_NEXT_HOP},
	[70] = {FIELD_MPLS_LABEL, 0},
	[71] = {FIELD_MPLS_LABEL, 1},
	[72] = {FIELD_MPLS_LABEL, 2},
	[73] = {FIELD_MPLS_LABEL, 3},
	[74] = {FIELD_MPLS_LABEL, 4},
	[75] = {FIELD_MPLS_LABEL, 5},
	[76] = {FIELD_MPLS_LABEL, 6},
	[77] = {FIELD_MPLS_LABEL, 7},
	[78] = {FIELD_MPLS_LABEL, 8},
	[79] = {FIELD_MPLS_LABEL, 9},
	[80] = {FIELD_COLUMN_MAC, FLOW_DST_MAC},
	[82] = {FIELD_COLUMN_TEXT, FLOW_IN_IF_NAME},
	[85] = {FIELD_SLOT, SLOT_BYTES_TOTAL},
	[86] = {FIELD_SLOT, SLOT_PACKETS_TOTAL},
	[89] = {FIELD_COLUMN, FLOW_FORWARDING_STATUS},
	[95] = {FIELD_APP_ID, 0},
	[96] = {FIELD_COLUMN_TEXT, FLOW_APP},
	[132] = {FIELD_COLUMN, FLOW_DROPPED_BYTES},
	[133] = {FIELD_COLUMN, FLOW_DROPPED_PACKETS},
	[134] = {FIELD_COLUMN, FLOW_DROPPED_BYTES},
	[135] = {FIELD_COLUMN, FLOW_DROPPED_PACKETS},
	[136] = {FIELD_COLUMN, FLOW_END_REASON},
	[139] = {FIELD_SLOT, SLOT_ICMP},
	[148] = {FIELD_COLUMN, FLOW_FLOW_ID},
	[149] = {FIELD_COLUMN, FLOW_DOMAIN},
	[150] = {FIELD_TIME_S, SLOT_START_US},
	[151] = {FIELD_TIME_S, SLOT_END_US},
	[152] = {FIELD_TIME_MS, SLOT_START_US},
	[153] = {FIELD_TIME_MS, SLOT_END_US},
	[154] = {FIELD_TIME_NTP, SLOT_START_US},
	[155] = {FIELD_TIME_NTP, SLOT_END_US},
	[156] = {FIELD_TIME_NTP, SLOT_START_US},
	[157] = {FIELD_TIME_NTP, SLOT_END_US},
	[158] = {FIELD_SLOT, SLOT_START_DELTA},
	[159] = {FIELD_SLOT, SLOT_END_DELTA},
	[160] = {FIELD_TIME_MS, SLOT_INIT_US},
	[161] = {FIELD_SLOT, SLOT_DURATION_MS},
	[162] = {FIELD_SLOT, SLOT_DURATION_US},
	[176] = {FIELD_SLOT, SLOT_ICMP_TYPE},
	[177] = {FIELD_SLOT, SLOT_ICMP_CODE},
	[178] = {FIELD_SLOT, SLOT_ICMP_TYPE},
	[179] = {FIELD_SLOT, SLOT_ICMP_CODE},
	[180] = {FIELD_SLOT, SLOT_SRC_PORT},
	[181] = {FIELD_SLOT, SLOT_DST_PORT},
	[182] = {FIELD_SLOT, SLOT_SRC_PORT},
	[183] = {FIELD_SLOT, SLOT_DST_PORT},
	[210] = {FIELD_SKIP, 0},
	[225] = {FIELD_COLUMN_ADDR, FLOW_NAT_SRC_ADDR},
	[226] = {FIELD_COLUMN_ADDR, FLOW_NAT_DST_ADDR},
	[227] = {FIELD_COLUMN, FLOW_NAT_SRC_PORT},
	[228] = {FIELD_COLUMN, FLOW_NAT_DST_PORT},
	[230] = {FIELD_COLUMN, FLOW_NAT_EVENT},
	[231] = {FIELD_SLOT, SLOT_BYTES_INITIATOR},
	[232] = {FIELD_COLUMN, FLOW_REV_BYTES},
	[233] = {FIELD_COLUMN, FLOW_FIREWALL_EVENT},
	[234] = {FIELD_COLUMN, FLOW_VRF},
	[235] = {FIELD_COLUMN, FLOW_POST_VRF},
	[243] = {FIELD_COLUMN, FLOW_VLAN},
	[254] = {FIELD_COLUMN, FLOW_POST_VLAN},
	[281] = {FIELD_COLUMN_ADDR, FLOW_NAT_SRC_ADDR},
	[282] = {FIELD_COLUMN_ADDR, FLOW_NAT_DST_ADDR},
	[298] = {FIELD_SLOT, SLOT_PACKETS_INITIATOR},
	[299] = {FIELD_COLUMN, FLOW_REV_PACKETS},
	[302] = {FIELD_SLOT, SLOT_SELECTOR},
	[303] = {FIELD_SLOT, SLOT_ELEMENT},
	[305] = {FIELD_SLOT, SLOT_SAMPLED},
	[306] = {FIELD_SLOT, SLOT_SPACE},
	[309] = {FIELD_SLOT, SLOT_SAMPLE_SIZE},
	[310] = {FIELD_SLOT, SLOT_POPULATION},
	[311] = {FIELD_PROBABILITY, 0},
	[322] = {FIELD_TIME_S, SLOT_EVENT_US},
	[323] = {FIELD_TIME_MS, SLOT_EVENT_US},
	[324] = {FIELD_TIME_NTP, SLOT_EVENT_US},
	[325] = {FIELD_TIME_NTP, SLOT_EVENT_US},
	[346] = {FIELD_SLOT, SLOT_PEN},
	[371] = {FIELD_COLUMN_TEXT, FLOW_USER_NAME}
};

static const struct vendor_action reverse[] = {
	{1, {FIELD_COLUMN, FLOW_REV_BYTES}},
	{2, {FIELD_COLUMN, FLOW_REV_PACKETS}},
	{6, {FIELD_COLUMN, FLOW_REV_TCP_FLAGS}},
	{85, {FIELD_COLUMN, FLOW_REV_BYTES}},
	{86, {FIELD_COLUMN, FLOW_REV_PACKETS}},
	{210, {FIELD_SKIP, 0}}
};

static const struct vendor_action version9[] = {
	{40000, {FIELD_COLUMN_TEXT, FLOW_USER_NAME}},
	{40001, {FIELD_COLUMN_ADDR, FLOW_NAT_SRC_ADDR}},
	{40002, {FIELD_COLUMN_ADDR, FLOW_NAT_DST_ADDR}},
	{40003, {FIELD_COLUMN, FLOW_NAT_SRC_PORT}},
	{40004, {FIELD_COLUMN, FLOW_NAT_DST_PORT}},
	{40005, {FIELD_COLUMN, FLOW_FIREWALL_EVENT}},
	{56701, {FIELD_COLUMN_TEXT, FLOW_APP}},
	{56702, {FIELD_COLUMN_TEXT, FLOW_USER_NAME}}
};

static struct field_action
find(const struct vendor_action *list, size_t n, uint16_t id)
{
	for (size_t i = 0; i < n; i++)
	{
		if (list[i].id == id)
			return list[i].action;
	}
	return (struct field_action) {FIELD_OTHER, 0};
}

struct field_action
field_action_of(int version, uint32_t pen, uint16_t id)
{
	if (pen == ELEMENT_PEN_REVERSE)
		return find(reverse, sizeof(reverse) / sizeof(reverse[0]), id);
	if (pen == 0 && id <= LAST_ELEMENT)
		return forward[id];
	if (pen == 0 && version == 9)
		return find(version9, sizeof(version9) / sizeof(version9[0]), id);
	return (struct field_action) {FIELD_OTHER, 0};
}

bool
field_length_fits(enum field_use use, uint32_t len)
{
	switch (use)
	{
		case FIELD_SLOT:
		case FIELD_TIME_S:
		case FIELD_TIME_MS:
		case FIELD_COLUMN:
		case FIELD_MPLS_LABEL:
			return len >= 1 && len <= 8;
		case FIELD_TIME_NTP:
			return len == 8;
		case FIELD_COLUMN_ADDR:
		case FIELD_SRC_ADDR:
		case FIELD_DST_ADDR:
			return len == 4 || len == 16;
		case FIELD_COLUMN_MAC:
			return len == 6;
		case FIELD_PROBABILITY:
			return len == 4 || len == 8;
		case FIELD_APP_ID:
			return len >= 1 && len <= 16;
		case FIELD_OTHER:
		case FIELD_SKIP:
		case FIELD_COLUMN_TEXT:
			return true;
	}
	return false;
}
