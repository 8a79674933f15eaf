#!/usr/bin/python3
"""A WHEP player on GStreamer's webrtcbin: joins, decodes, counts, says so.

    webrtcbin.py URL

One sound and one picture, decoded by whatever GStreamer plugs in. Five times a
second a line of JSON goes to the standard output; the player runs until its
standard input is closed.
"""

import json
import sys
import threading
import time
import urllib.error
import urllib.request

import gi

for module in ("Gst", "GstSdp", "GstWebRTC"):
    gi.require_version(module, "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

SOUND = "application/x-rtp,media=audio,encoding-name=OPUS,payload=96,clock-rate=48000,encoding-params=(string)2"
PICTURE = (
    "application/x-rtp,media=video,encoding-name=VP8,payload=97,clock-rate=90000;"
    "application/x-rtp,media=video,encoding-name=H264,payload=98,clock-rate=90000,"
    "packetization-mode=(string)1,profile-level-id=(string)42e01f"
)

KNOCKS = 6


class Player:
    def __init__(self, url):
        self.url = url
        self.counts = {"audio": 0, "video": 0}
        self.trouble = ""
        self.pipeline = Gst.Pipeline()
        self.bin = Gst.ElementFactory.make("webrtcbin")
        self.bin.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipeline.add(self.bin)
        self.lines = [self.line(SOUND, False), self.line(PICTURE, True)]
        self.bin.connect("pad-added", self.plug)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.complain)

    def line(self, caps, repair):
        way = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
        line = self.bin.emit("add-transceiver", way, Gst.Caps.from_string(caps))
        line.set_property("do-nack", repair)
        return line

    def complain(self, _bus, message):
        self.trouble = message.parse_error()[0].message

    def join(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        promise = Gst.Promise.new()
        self.bin.emit("create-offer", None, promise)
        promise.wait()
        reply = promise.get_reply()  # owns the offer
        offer = reply.get_value("offer")
        self.settle("set-local-description", offer)
        text = self.exchange(offer.sdp.as_text())
        _, message = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.settle("set-remote-description", answer)

    def settle(self, act, description):
        promise = Gst.Promise.new()
        self.bin.emit(act, description, promise)
        promise.wait()
        reply = promise.get_reply()
        if reply is not None and reply.has_field("error"):
            raise SystemExit(f"{act}: {reply.get_value('error').message}")

    def exchange(self, offer):
        request = urllib.request.Request(self.url, offer.encode(), {"Content-Type": "application/sdp"})
        for _ in range(KNOCKS - 1):
            try:
                return self.ask(request)
            except urllib.error.HTTPError as refusal:  # a house without room says when to come again
                if refusal.code != 503 or "Retry-After" not in refusal.headers:
                    raise
                time.sleep(int(refusal.headers["Retry-After"]))
        return self.ask(request)

    def ask(self, request):
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.read().decode()

    def plug(self, _bin, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        decoder = Gst.ElementFactory.make("decodebin")
        decoder.connect("pad-added", self.count)
        self.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def count(self, _decoder, pad):
        kind = pad.get_current_caps().get_structure(0).get_name().split("/")[0]
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("sync", False)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.add_probe(Gst.PadProbeType.BUFFER, self.one_more, kind)
        pad.link(sink.get_static_pad("sink"))

    def one_more(self, _pad, _info, kind):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return Gst.PadProbeReturn.OK

    def say(self):
        state = self.bin.get_property("connection-state").value_nick
        print(json.dumps({"state": state, "trouble": self.trouble, **self.counts}), flush=True)
        return True


def main():
    Gst.init(None)
    player = Player(sys.argv[1])
    player.join()
    loop = GLib.MainLoop()
    GLib.timeout_add(200, player.say)
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()
    player.pipeline.set_state(Gst.State.NULL)


main()
