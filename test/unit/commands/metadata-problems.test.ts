import { describe, expect, it } from 'vitest'
import { annotationProblems, clusterNameProblems, labelProblems } from '../../../commands/metadata-problems.ts'

describe('names of clusters', () => {
  it.each(['eu-west-1', 'in-cluster', 'arn:aws:eks:eu-west-1:1234:cluster/prod', 'admin@kube.example.com:6443', 'a'])(
    'may be %s',
    (name) => {
      expect(clusterNameProblems(name)).toEqual([])
    },
  )

  it.each(['', ' ', 'a b', '-a', 'a-', 'a\nb', 'ä', 'a'.repeat(254), '{{name}}'])('may not be %j', (name) => {
    expect(clusterNameProblems(name)).toMatchObject([{ path: 'name' }])
  })
})

describe('labels', () => {
  it('are those that Kubernetes takes', () => {
    expect(labelProblems({ region: 'eu-west', 'example.com/tier': '', a: 'A_b.c-1' })).toEqual([])
    expect(
      labelProblems({ 'bad key': 'x', ok: 'bad value', [`${'a'.repeat(64)}`]: 'x', 'Bad.Prefix/x': 'x' }).map((problem) => problem.path),
    ).toEqual(['labels.bad key', 'labels.ok', `labels.${'a'.repeat(64)}`, 'labels.Bad.Prefix/x'])
  })

  it('are not without end', () => {
    expect(labelProblems(Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`k${i}`, 'v'])))).toMatchObject([{ path: 'labels' }])
  })
})

describe('annotations', () => {
  it('hold any text, under keys that Kubernetes takes, up to its bound', () => {
    expect(annotationProblems({ 'example.com/Note': 'anything: at all\n' })).toEqual([])
    expect(annotationProblems({ 'no key': 'x' })).toMatchObject([{ path: 'annotations.no key' }])
    expect(annotationProblems({ a: 'x'.repeat(256 * 1024) })).toMatchObject([{ path: 'annotations' }])
  })
})
