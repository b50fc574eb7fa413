//go:build !wasip1

package guest

import "crypto/rand"

func fill(p []byte) error {
	_, err := rand.Read(p)
	return err
}
