/* fresh.h - the database that a test begins with: as the migrations leave it, and nothing else in it.
 *
 * They are applied for a program's first test alone; for each that follows, what they left is put back. To apply them for every test on
 * each engine was nine tenths of what the scheduler's tests computed. */

#ifndef OPENCICD_TEST_FRESH_H
#define OPENCICD_TEST_FRESH_H

// The tables of these parts ("scheduler requests"), as folders of db/ are named, at this URL: a SQLite file that is not there yet, or a
// database of PostgreSQL, whose schema `public` holds nothing else afterwards. Nobody else may have it open. Fails the test.
void fresh_database (const char *url, const char *parts);

#endif
