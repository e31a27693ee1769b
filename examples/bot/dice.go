package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
)

// dice are a number of dice and of their sides.
var dice = regexp.MustCompile(`\b(\d{1,2})d(\d{1,4})\b`)

// roll says what the dice show that a text asks for.
func roll(text string) string {
	asked := dice.FindStringSubmatch(text)
	if asked == nil {
		return "Ask me for dice: 1d6, or 2d20."
	}
	n, _ := strconv.Atoi(asked[1])
	sides, _ := strconv.Atoi(asked[2])
	if n == 0 || sides == 0 {
		return "There are no such dice."
	}
	sum := 0
	for range n {
		sum += 1 + rand.IntN(sides)
	}
	return fmt.Sprintf("%s: %d", asked[0], sum)
}
