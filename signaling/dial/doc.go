// Package dial is the other side of both doors: a client of the class connection and of WHIP and WHEP, with the
// same types as the server. The cascade, the load generator and the tests share it.
//
// Goroutines: a Conn has one, which reads; it ends with the connection, and Close waits for it. Whip and Whep have none.
package dial
