package misskeytest

import "strings"

// stones are what may lie on a square. A square that is none has a hole.
const (
	noStone = '-'
	black   = 'b'
	white   = 'w'
	hole    = ' '
)

// A board is a game of reversi as it stands. Its squares are counted from the
// upper left.
type board struct {
	squares []byte
	width   int
	turn    byte // whose it is; 0 when the game is over

	anywhere bool // stones may also be put where they turn none
	looped   bool // what leaves the board on one side comes in on the other
}

func newBoard(rows []string, anywhere, looped bool) *board {
	b := &board{squares: []byte(strings.Join(rows, "")), turn: black, anywhere: anywhere, looped: looped}
	if len(rows) > 0 {
		b.width = len(rows[0])
	}
	b.settleTurn()
	return b
}

func opponent(stone byte) byte {
	if stone == black {
		return white
	}
	return black
}

// turned returns the squares whose stones are turned where one is put.
func (b *board) turned(stone byte, pos int) []int {
	var all []int
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if dx != 0 || dy != 0 {
				all = append(all, b.turnedAlong(stone, pos, dx, dy)...)
			}
		}
	}
	return all
}

func (b *board) turnedAlong(stone byte, pos, dx, dy int) []int {
	var row []int
	x, y, height := pos%b.width, pos/b.width, len(b.squares)/b.width
	for {
		x, y = x+dx, y+dy
		if b.looped {
			x, y = (x+b.width)%b.width, (y+height)%height
		} else if x < 0 || x >= b.width || y < 0 || y >= height {
			return nil
		}
		next := y*b.width + x
		switch {
		case next == pos && b.looped, b.squares[next] == stone:
			return row
		case b.squares[next] != opponent(stone):
			return nil
		}
		row = append(row, next)
	}
}

// canPut reports whether a stone may be put on a square.
func (b *board) canPut(stone byte, pos int) bool {
	return pos >= 0 && pos < len(b.squares) && b.squares[pos] == noStone && (b.anywhere || len(b.turned(stone, pos)) > 0)
}

// put puts a stone of whose turn it is.
func (b *board) put(pos int) {
	stone := b.turn
	for _, i := range b.turned(stone, pos) {
		b.squares[i] = stone
	}
	b.squares[pos] = stone
	b.turn = opponent(stone)
	b.settleTurn()
}

// settleTurn passes the turn on where its owner can put nothing, and ends the
// game where nobody can.
func (b *board) settleTurn() {
	for range 2 {
		for i := range b.squares {
			if b.canPut(b.turn, i) {
				return
			}
		}
		b.turn = opponent(b.turn)
	}
	b.turn = 0
}

// winner returns who has more stones, or with fewest who has fewer; 0 for
// neither.
func (b *board) winner(fewest bool) byte {
	lead := 0
	for _, s := range b.squares {
		switch s {
		case black:
			lead++
		case white:
			lead--
		}
	}
	if fewest {
		lead = -lead
	}
	switch {
	case lead > 0:
		return black
	case lead < 0:
		return white
	}
	return 0
}
