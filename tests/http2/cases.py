# SPDX-License-Identifier: Apache-2.0
# The cases of a file in tests/vectors/h2, a line each: section, outcomes, name, script, by tabs.
class Case:
	def __init__(self, line, number):
		self.section, wanted, self.name, self.script = line.rstrip('\n').split('\t')
		self.number, self.wanted = number, wanted
		self.alternatives = [a.split('&') for a in wanted.split(',')]
		self.title = '%s: %s' % (self.section, self.name)


def of(path):
	with open(path) as f:
		return [Case(line, i + 1) for i, line in enumerate(f) if line.strip() and line[0] != '#']


# A line of the answer for each case: `ok` or `not ok`, its title, and what was wrong.
def tell(case, wrong):
	print('not ok\t%s\t%s' % (case.title, wrong) if wrong else 'ok\t' + case.title, flush=True)
