// The load of the benchmarks in C, freestanding: a checksum, a sieve, a sort,
// a parser of numbers, and a matrix.

static unsigned char text[16384];
static int numbers[4096];
static double matrix[3][32][32];

static unsigned crc(const unsigned char *p, int n) {
	unsigned sum = ~0u;
	for (int i = 0; i < n; i++) {
		sum ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
	}
	return ~sum;
}

static int primes(int below) {
	int found = 0;
	for (int i = 0; i < below; i++)
		text[i] = 1;
	for (int i = 2; i < below; i++) {
		if (!text[i])
			continue;
		found++;
		for (int j = 2 * i; j < below; j += i)
			text[j] = 0;
	}
	return found;
}

static void sort(int *from, int *to) {
	if (to - from < 2)
		return;
	int pivot = from[(to - from) / 2], *left = from, *right = to - 1;
	while (left <= right) {
		while (*left < pivot)
			left++;
		while (*right > pivot)
			right--;
		if (left <= right) {
			int swapped = *left;
			*left++ = *right;
			*right-- = swapped;
		}
	}
	sort(from, right + 1);
	sort(left, to);
}

static int parse(const unsigned char *p) {
	int sum = 0, value = 0;
	for (; *p; p++) {
		switch (*p) {
		case '0': case '1': case '2': case '3': case '4':
		case '5': case '6': case '7': case '8': case '9':
			value = value * 10 + *p - '0';
			break;
		case '-':
			value = -value;
			break;
		default:
			sum += value;
			value = 0;
		}
	}
	return sum;
}

static double multiply(int n) {
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			matrix[0][i][j] = i + j;
			matrix[1][i][j] = i - j;
		}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			double sum = 0;
			for (int k = 0; k < n; k++)
				sum += matrix[0][i][k] * matrix[1][k][j];
			matrix[2][i][j] = sum;
		}
	return matrix[2][n - 1][n - 1];
}

__attribute__((export_name("work"))) int work(void) {
	unsigned seed = 1;
	for (int i = 0; i < 4096; i++) {
		seed = seed * 1664525 + 1013904223;
		numbers[i] = seed >> 8;
	}
	sort(numbers, numbers + 4096);
	for (int i = 0; i < 16383; i++)
		text[i] = i % 7 ? '0' + i % 10 : ' ';
	int sum = parse(text) + crc(text, 16383);
	return sum + primes(16000) + (int)multiply(32) + numbers[100];
}
