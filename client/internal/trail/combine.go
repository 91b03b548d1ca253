package trail

// castagnoli's polynomial, the lowest power in the highest bit.
const polynomial = 0x82f63b78

// Combine returns the CRC-32C of some bytes and n more behind them, of which it
// gets the sums: those n bytes multiply the first sum, a polynomial over GF(2),
// by x to the power of 8 n.
func Combine(first, second uint32, n int64) uint32 {
	power, square := uint32(1)<<31, uint32(1)<<23 // 1, and x^8
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			power = multiply(power, square)
		}
		square = multiply(square, square)
	}
	return multiply(first, power) ^ second
}

// multiply returns the product of two polynomials modulo the CRC's.
func multiply(a, b uint32) (product uint32) {
	for ; a != 0; a <<= 1 {
		if a&(1<<31) != 0 {
			product ^= b
		}
		low := b & 1
		b = b>>1 ^ low*polynomial
	}
	return product
}
