package filestore

import "sync"

// A CRC-32C is a polynomial over the two-element field, modulo the Castagnoli
// polynomial. As in hash/crc32 the highest bit is the coefficient of x^0.
const (
	crcPoly = 0x82f63b78 // the Castagnoli polynomial without its x^32
	crcOne  = 1 << 31
	crcX8   = 1 << 23
)

// combine returns the CRC-32C of some bytes that are followed by n more, from
// the CRC-32C of each. It looks at none of them.
//
// Appending n bytes multiplies what came before by x^(8n); what either CRC is
// inverted by at its ends cancels out.
func combine(first, second uint32, n int64) uint32 {
	for k := 0; n > 0; k, n = k+1, n>>1 {
		if n&1 == 1 {
			first = multiply(first, crcShifts()[k])
		}
	}
	return first ^ second
}

// multiply returns a·b modulo the polynomial.
func multiply(a, b uint32) (product uint32) {
	for bit := uint32(crcOne); bit != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		carry := b & 1
		b >>= 1
		if carry == 1 {
			b ^= crcPoly
		}
	}
	return product
}

// crcShifts returns x^(8·2^k) for each k: what 2^k bytes multiply by.
var crcShifts = sync.OnceValue(func() *[63]uint32 {
	var shifts [63]uint32
	for k, x := 0, uint32(crcX8); k < len(shifts); k, x = k+1, multiply(x, x) {
		shifts[k] = x
	}
	return &shifts
})
