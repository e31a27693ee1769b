package mfm

import "iter"

// Walk returns every node, the parents before their children.
func Walk(nodes []Node) iter.Seq[Node] {
	return func(yield func(Node) bool) { walk(nodes, yield) }
}

func walk(nodes []Node, yield func(Node) bool) bool {
	for _, n := range nodes {
		if !yield(n) || !walk(Children(n), yield) {
			return false
		}
	}
	return true
}

// Inspect calls f with every node, the parents before their children. If f returns
// false, Inspect leaves out the children.
func Inspect(nodes []Node, f func(Node) bool) {
	for _, n := range nodes {
		if f(n) {
			Inspect(Children(n), f)
		}
	}
}
