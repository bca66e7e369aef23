// Functions in C that stand in an exported file where its transforms need them.

/** The place of a string in a table that is sorted by bytes. */
export const SPELLINGS = `struct spelling {
  const char *text;
  int place;
};

/* The place of a string in a sorted table, or that of all others. */
static int place_of(const char *text, const struct spelling *table, int count, int other) {
  int low = 0, high = count - 1;
  while (low <= high) {
    const int middle = (low + high) / 2;
    const int order = strcmp(text == NULL ? "" : text, table[middle].text);
    if (order == 0) return table[middle].place;
    if (order < 0) high = middle - 1;
    else low = middle + 1;
  }
  return other;
}
`

/** Dates as ISO 8601 writes them; the zone is left out. */
export const DATES = `/* Reads a number of at least and at most some digits; returns where they end, or NULL. */
static const char *read_digits(const char *text, int least, int most, int *number) {
  int count = 0;
  *number = 0;
  while (text != NULL && count < most && *text >= '0' && *text <= '9') {
    *number = *number * 10 + (*text++ - '0');
    count++;
  }
  return count >= least ? text : NULL;
}

static const char *read_sign(const char *text, char sign) {
  return text != NULL && *text == sign ? text + 1 : NULL;
}

/* Writes year, month, day, weekday (Monday is 0), hour, minute; returns 0 where there is no such day. */
static int set_date(int year, int month, int day, int hour, int minute, int *date) {
  static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  static const int shifts[12] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  const int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int before = month < 3 ? year - 1 : year;
  if (month < 1 || month > 12 || day < 1 || year < 100 || hour > 23 || minute > 59) return 0;
  if (day > days[month - 1] + (month == 2 && is_leap)) return 0;
  date[0] = year;
  date[1] = month;
  date[2] = day;
  date[3] = (before + before / 4 - before / 100 + before / 400 + shifts[month - 1] + day + 6) % 7;
  date[4] = hour;
  date[5] = minute;
  return 1;
}

/* Reads 2024-05-31 or 2024-05-31T18:30:00. */
static int parse_date(const char *text, int *date) {
  int year, month, day, hour = 0, minute = 0;
  if (text == NULL) return 0;
  while (*text == ' ') text++;
  text = read_sign(read_digits(text, 4, 4, &year), '-');
  text = read_sign(read_digits(text, 1, 2, &month), '-');
  text = read_digits(text, 1, 2, &day);
  if (text == NULL) return 0;
  if (*text == 'T' || *text == 't' || (*text == ' ' && text[1] >= '0' && text[1] <= '9')) {
    text = read_sign(read_digits(text + 1, 1, 2, &hour), ':');
    text = read_digits(text, 2, 2, &minute);
    if (text == NULL) return 0;
    /* Seconds and a zone. */
    while (*text != 0 && strchr("0123456789:.,+-Zz ", *text) != NULL) text++;
  }
  while (*text == ' ') text++;
  return *text == 0 && set_date(year, month, day, hour, minute, date);
}
`

/** Days of three numbers. */
export const DAYS = `/* Reads a day whose numbers are in the order of three letters, as 31.5.2024 is in that of "dMy". */
static int parse_day(const char *text, const char *order, const char *separators, int *date) {
  int numbers[3] = {0, 0, 0}, i;
  while (*text == ' ') text++;
  for (i = 0; i < 3; i++) {
    const int is_year = order[i] == 'y';
    text = read_digits(text, is_year ? 4 : 1, is_year ? 4 : 2, &numbers[is_year ? 0 : order[i] == 'M' ? 1 : 2]);
    if (i < 2) text = read_sign(text, separators[i]);
  }
  while (text != NULL && *text == ' ') text++;
  return text != NULL && *text == 0 && set_date(numbers[0], numbers[1], numbers[2], 0, 0, date);
}
`
