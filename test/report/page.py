"""What a report says, read as XML: an error of form is an error here."""

import xml.etree.ElementTree as tree

NAMESPACE = '{http://www.w3.org/1999/xhtml}'


class Page:
    def __init__(self, text):
        self.text = text
        body = text.split('\n', 1)
        if body[0] != '<!DOCTYPE html>':
            raise ValueError('no document type: ' + body[0][:60])
        self.root = tree.fromstring(body[1])
        for element in self.root.iter():
            element.tag = element.tag.replace(NAMESPACE, '')

    def all(self, path):
        return self.root.findall('.//' + path)

    def one(self, name):
        """The element of that id."""
        for element in self.root.iter():
            if element.get('id') == name:
                return element
        return None

    def section(self, name):
        """A section as text of XML, to be compared."""
        element = self.one(name)
        return None if element is None else tree.tostring(element, encoding='unicode')

    def notes(self):
        return [words(e) for e in self.root.iter() if 'note' in classes(e)]

    def facts(self):
        """Facts at the top: name to (value, more, exact)."""
        result = {}
        for fact in self.all("dl[@class='facts']/div"):
            values = fact.findall('dd')
            exact = fact.find('.//data')
            result[words(fact.find('dt'))] = (words(values[0]), words(values[1]),
                                              None if exact is None else exact.get('value'))
        return result

    def ranking(self, name):
        """Rows of a ranking: name, then exact sums by title, share in percent."""
        section = self.one(name)
        if section is None:
            return None
        titles = [words(e) for e in section.findall('.//thead//th')]
        rows = []
        for row in section.findall('.//tbody/tr'):
            cells = list(row)
            entry = {'name': words(cells[1].find('span')) if cells[1].find('span') is not None
                     else words(cells[1]), 'tag': '', 'share': ''}
            for tag in cells[1].findall('span'):
                if 'tag' in classes(tag):
                    entry['tag'] = words(tag)
            for title, cell in zip(titles, cells):
                if cell.find('data') is not None:
                    entry[title] = int(cell.find('data').get('value'))
                if 'share' in classes(cell):
                    entry['share'] = words(cell.find('span'))
                if 'over' in classes(cell):
                    entry['line'] = cell.find('svg') is not None
            rows.append(entry)
        return rows

    def table(self, section, number=0):
        """A table as rows of cells; a cell is its exact value if it has one, else its text."""
        found = self.one(section).findall('.//table')
        if number >= len(found):
            return []
        result = []
        for row in found[number].findall('.//tr'):
            result.append([cell.find('.//data').get('value') if cell.find('.//data') is not None
                           else words(cell) for cell in row])
        return result

    def queries(self):
        """The queries that the page cost: name, SQL, parameters."""
        result = []
        for row in self.one('cost').findall('.//tbody/tr'):
            parts = row.findall('.//pre')
            result.append((words(row.find('th')), ''.join(parts[0].itertext()),
                           ''.join(parts[1].itertext())))
        return result


def words(element):
    return '' if element is None else ' '.join(''.join(element.itertext()).split())


def classes(element):
    return (element.get('class') or '').split()
