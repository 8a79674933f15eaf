package signaling

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"antenne/rooms/words"
	"antenne/sfu"
)

// language chooses from an Accept-Language header (RFC 9110 §12.5.4) among those we speak: the one wanted most, French
// when none is or when two are wanted as much.
func language(header string) string {
	const longest = 200 // bytes that are read; real headers are shorter
	best, wanted := words.Default, 0.0
	for _, part := range strings.Split(header[:min(len(header), longest)], ",") {
		tag, weight := languageRange(part)
		for _, have := range words.Languages() {
			if tag == have && (weight > wanted || weight == wanted && have == words.Default) {
				best, wanted = have, weight
			}
		}
	}
	return best
}

// languageRange reads "en-GB;q=0.8" as en, 0.8.
func languageRange(part string) (tag string, weight float64) {
	tag, rest, _ := strings.Cut(part, ";")
	tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	q, found := strings.CutPrefix(strings.ReplaceAll(rest, " ", ""), "q=")
	if !found {
		return tag, 1
	}
	weight, err := strconv.ParseFloat(q, 64)
	if err != nil {
		return tag, 0
	}
	return tag, weight
}

// retryAfter spreads those who come back, in seconds: a crowd that is refused at once must not be one again. Who waits for room
// waits longer than who came in a rush.
func retryAfter(code string) int {
	switch code {
	case codeFull, codeAddressFull, sfu.CodeEngineFull, sfu.CodeSourcesFull, codeJournalFull:
		return 5 + rand.IntN(16)
	case codeClaimRate:
		return int(postAgain.Seconds()) + rand.IntN(8)
	}
	return 1 + rand.IntN(4)
}
