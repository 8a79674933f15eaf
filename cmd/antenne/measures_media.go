package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"antenne/sfu"
)

var (
	descSources      = describe("media_sources", "Publishers connected.")
	descViewers      = describe("media_viewers", "Viewers with a session.")
	descHomes        = describe("media_viewers_home", "Of the viewers, families at home.")
	descMost         = describe("media_viewers_limit", "Viewers that may be there at once, 0 for no bound.")
	descTransports   = describe("media_viewers_connected", "Viewers connected, by transport.", "transport")
	descViews        = describe("media_slot_viewers", "Viewers by what they are sent of each slot.", "slot", "view")
	descJoins        = describe("media_joins_total", "Viewers whose offer was answered.")
	descJoinsRefused = describe("media_joins_refused_total", "Viewers refused for want of room (full), or in a rush (busy).", "why")
	descFirstPicture = describe("media_first_picture_seconds", "From the answer to the first packet of a keyframe sent to the viewer.")
	descForwarding   = describe("media_forwarding_seconds", "From the arrival of packets to their sending.")
	descPacketsIn    = describe("media_ingress_packets_total", "RTP packets received.")
	descBytesIn      = describe("media_ingress_bytes_total", "RTP bytes received.")
	descPacketsOut   = describe("media_egress_packets_total", "RTP packets sent.")
	descBytesOut     = describe("media_egress_bytes_total", "RTP bytes sent.")
	descSlotPackets  = describe("media_slot_packets_total", "RTP packets by slot and direction.", "slot", "direction")
	descSlotBytes    = describe("media_slot_bytes_total", "RTP bytes by slot and direction.", "slot", "direction")
	descNacks        = describe("media_nacks_total", "Messages in which viewers asked for packets again.")
	descNacked       = describe("media_nacked_packets_total", "RTP packets that viewers asked for again.")
	descResent       = describe("media_resent_packets_total", "RTP packets sent again.")
	descPLIs         = describe("media_keyframes_wanted_total", "Keyframes that viewers asked for (PLI, FIR).")
	descThrottled    = describe("media_keyframe_throttled_total", "Keyframes wanted that were on order already.")
	descKeyframes    = describe("media_keyframe_requests_total", "Keyframes asked of publishers.")
	descSwitches     = describe("media_layer_switches_total", "Changes of layer, of all viewers.")
	descPadding      = describe("media_padding_packets_total", "Packets of publishers that held padding alone.")
	descApplication  = describe("media_dtls_application_records_total", "DTLS application records, which must stay 0.", "direction")
	descHandshakes   = describe("media_handshakes", "Handshakes of viewers now, by state.", "state")
	descHandshaken   = describe("media_handshakes_total", "Handshakes of viewers that ended, by outcome.", "outcome")
	descDrops        = describe("media_drops_total", "Packets dropped, by reason.", "reason")
	descDatagrams    = describe("media_socket_datagrams_total", "Datagrams sent, of all kinds.")
	descDatagramBits = describe("media_socket_bytes_total", "Bytes of UDP payload sent.")
	descCollected    = describe("media_socket_collected_datagrams_total", "Of the datagrams sent, those that left in messages of several.")
	descSocketRuns   = describe("media_socket_messages_total", "Messages in which collected datagrams left.")
	descCalls        = describe("media_socket_calls_total", "System calls in which those messages left.")
	descSegments     = describe("media_socket_segments", "1 while the kernel cuts one message into datagrams (GSO) on every socket.")
	descStreams      = describe("media_streams", "TCP connections of viewers.")
	descStreamed     = describe("media_stream_datagrams_total", "Datagrams sent over TCP, of all kinds.")
	descStreamedBits = describe("media_stream_bytes_total", "Bytes of their payload.")
	descStreamWrites = describe("media_stream_writes_total", "Writes in which they left.")
	descRate         = describe("media_egress_rate_bits", "Bits sent in the last second, IP headers included.")
	descBudget       = describe("media_egress_budget_bits", "The most bits a second, 0 for no bound.")
	descStep         = describe("media_load_step", "Step of shedding, 0 where nothing is shed.")
	descBehind       = describe("media_load_behind", "1 while new viewers are refused because the machine is late.")
	descCeiling      = describe("media_ceiling", "1 for the most that families and rooms may see now.", "who", "most")
	descOldest       = describe("media_lane_oldest_seconds", "How long a packet waited at most to be sent, in the last second.")
	descWaiting      = describe("media_lane_waiting_packets", "Packets that wait to be sent.")
)

// mediaFigures tells the figures of the media engine.
type mediaFigures struct {
	sfu.Stats
	is     level
	counts total
	to     chan<- prometheus.Metric
}

func (m *mediaFigures) collect() {
	m.crowd()
	m.traffic()
	m.repair()
	m.load()
	m.socket()
	for reason, count := range m.Drops {
		m.counts(descDrops, count, reason)
	}
}

func (m *mediaFigures) crowd() {
	m.is(descSources, float64(m.Sources))
	m.is(descViewers, float64(m.Viewers))
	m.is(descHomes, float64(m.Homes))
	m.is(descMost, float64(m.Load.ViewersAtMost))
	for _, transport := range sfu.Transports() {
		m.is(descTransports, float64(m.Transports[transport]), transport.String())
	}
	for _, slot := range sfu.Slots() {
		for _, view := range sfu.AllViews() {
			if (view == sfu.ViewSound) == slot.IsAudio() || view == sfu.ViewNone {
				m.is(descViews, float64(m.Views[slot][view]), slot.String(), view.String())
			}
		}
	}
	m.counts(descJoins, m.Joins)
	m.counts(descJoinsRefused, m.JoinsFull, "full")
	m.counts(descJoinsRefused, m.JoinsBusy, "busy")
	m.durations(descFirstPicture, m.FirstPicture)
	m.is(descHandshakes, float64(m.Handshakes.Running), "running")
	m.is(descHandshakes, float64(m.Handshakes.Waiting), "waiting")
	m.counts(descHandshaken, m.Handshakes.Done, "done")
	m.counts(descHandshaken, m.Handshakes.Failed, "failed")
}

func (m *mediaFigures) traffic() {
	m.counts(descPacketsIn, m.PacketsIn)
	m.counts(descBytesIn, m.BytesIn)
	m.counts(descPacketsOut, m.PacketsOut)
	m.counts(descBytesOut, m.BytesOut)
	for _, slot := range sfu.Slots() {
		one, name := m.Slots[slot], slot.String()
		m.counts(descSlotPackets, one.PacketsIn, name, "in")
		m.counts(descSlotPackets, one.PacketsOut, name, "out")
		m.counts(descSlotBytes, one.BytesIn, name, "in")
		m.counts(descSlotBytes, one.BytesOut, name, "out")
	}
	m.durations(descForwarding, m.Forwarding)
	m.counts(descPadding, m.PaddingDropped)
	m.counts(descApplication, m.ApplicationIn, "in")
	m.counts(descApplication, m.ApplicationOut, "out")
}

func (m *mediaFigures) repair() {
	m.counts(descNacks, m.Nacks)
	m.counts(descNacked, m.Nacked)
	m.counts(descResent, m.Resent)
	m.counts(descPLIs, m.PLIs)
	m.counts(descKeyframes, m.KeyframeRequests)
	m.counts(descThrottled, m.KeyframeAsks-min(m.KeyframeAsks, m.KeyframeRequests))
	m.counts(descSwitches, m.Switches)
}

func (m *mediaFigures) load() {
	m.is(descRate, m.Load.Rate)
	m.is(descBudget, m.Load.Budget)
	m.is(descStep, float64(m.Load.Step))
	m.is(descBehind, oneIf(m.Load.Behind))
	m.is(descOldest, m.Load.LaneOldest.Seconds())
	m.is(descWaiting, float64(m.Load.LaneWaiting))
	for _, most := range sfu.Ceilings() {
		m.is(descCeiling, oneIf(m.Load.Home == most), "home", most)
		m.is(descCeiling, oneIf(m.Load.Other == most), "room", most)
	}
}

func (m *mediaFigures) socket() {
	m.counts(descDatagrams, m.Egress.Datagrams)
	m.counts(descDatagramBits, m.Egress.Bytes)
	m.counts(descCollected, m.Egress.Collected)
	m.counts(descSocketRuns, m.Egress.Messages)
	m.counts(descCalls, m.Egress.Calls)
	m.is(descSegments, oneIf(m.Egress.Segments))
	m.is(descStreams, float64(m.Streams.Open))
	m.counts(descStreamed, m.Streams.Datagrams)
	m.counts(descStreamedBits, m.Streams.Bytes)
	m.counts(descStreamWrites, m.Streams.Writes)
}

// durations tells a histogram. Prometheus wants each bucket to hold those
// before it too.
func (m *mediaFigures) durations(desc *prometheus.Desc, h sfu.Histogram) {
	buckets, all := make(map[float64]uint64, len(h.Bounds)), uint64(0)
	for i, bound := range h.Bounds {
		all += h.Counts[i]
		buckets[bound.Seconds()] = all
	}
	all += h.Counts[len(h.Bounds)]
	m.to <- prometheus.MustNewConstHistogram(desc, all, float64(h.Sum)/float64(time.Second), buckets)
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
