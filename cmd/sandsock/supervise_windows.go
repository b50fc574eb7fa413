package main

func (a *app) supervise(bool) error {
	return &failure{code: exitUsage, text: "--supervise is not for Windows, which hands no listening socket on to the next process", next: "without it it serves as well"}
}
