// Put into a page before its own scripts: notes the moments of a join, from the tap to a picture that
// moves. It changes nothing that a page could notice.
//
// Moments are in ms of the page's clock; each is noted once, after begin(). Pictures are those that were put on the
// screen (requestVideoFrameCallback), as a person sees them: with no words over them, where the page has such.
(() => {
  let at = {};
  let began = 0;
  const videos = new Set();

  const note = (name, when = performance.now()) => {
    if (began && at[name] === undefined) at[name] = when - began;
  };

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = new Proxy(Native, {
    construct(target, args, made) {
      const pc = Reflect.construct(target, args, made);
      pc.addEventListener("connectionstatechange", () => pc.connectionState === "connected" && note("connected"));
      pc.addEventListener("iceconnectionstatechange", () => /^(connected|completed)$/.test(pc.iceConnectionState) && note("path"));
      return pc;
    },
  });

  const ask = window.fetch;
  window.fetch = async function (to, how) {
    const door = how && how.method === "POST" && String(to).includes("/whep/");
    if (door) note("posted");
    const response = await ask.apply(this, arguments);
    if (door) note("answered");
    return response;
  };

  /** Follows the frames of a video that are put on the screen. */
  function follow(video) {
    if (videos.has(video)) return;
    videos.add(video);
    let before = null;
    const frame = (now, { mediaTime }) => {
      note("first");
      if (before !== null && mediaTime !== before) note("moving");
      if (!covered()) {
        note("seen");
        if (before !== null && mediaTime !== before) note("seenMoving");
      }
      before = mediaTime;
      if (at.seenMoving === undefined) video.requestVideoFrameCallback(frame);
    };
    video.addEventListener("loadeddata", () => began && note("decoded"));
    video.requestVideoFrameCallback(frame);
  }

  /** Whether words stand in the picture's place. */
  function covered() {
    const slate = document.getElementById("slate");
    return slate !== null && !slate.hidden;
  }

  new MutationObserver(() => document.querySelectorAll("video").forEach(follow)).observe(document, { childList: true, subtree: true });
  addEventListener("click", (event) => event.isTrusted && begin(event.timeStamp), true);

  /** Everything counts from here. */
  function begin(now = performance.now()) {
    if (!began) began = now;
  }

  window.antenneBeginnings = { begin, moments: () => at };
})();
