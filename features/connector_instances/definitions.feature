Feature: Shared stream definitions

  Two connectors may speak of the same things in the same shape. That makes
  them no one source: whose record it is, a connection says.

  Rule: Stream definitions are shared, identity is not weakened (CI-03)

    @CI-03.1 @host @claim.imports
    Scenario: API and import paths share a stream definition (host)
      When these acquisitions, one after the other
        | called  | into   | by        | brings   |
        | history | first  | archive   | a/old, b |
        | current | second | interface | a/new, c |
      # T1
      Then "history" went into "first"
      # T1
      And "current" went into "second"
      # T2
      And every read face of "first" shows exactly "a/old, b"
      # T2
      And every read face of "second" shows exactly "a/new, c"

    @CI-03.2 @host @claim.imports
    Scenario: Path identity is not proven (host)
      When these acquisitions, one after the other
        | called  | into   | by                             | brings |
        | history | first  | archive of ana@mail.example    | a      |
        | asked   | first  | interface of ana@mail.example  | b      |
        | current | second | interface of ana@mail.example  | c      |
      # T1
      Then "asked" was refused or went to a connection of its own
      # T2
      And every read face of "first" shows exactly "a"
      # T2
      And every read face of "second" shows exactly "c"

    @CI-03.3 @host @claim.stage @claim.imports
    Scenario: Path identity is proven later (host)
      Given these acquisitions, one after the other
        | called  | into   | by        | brings |
        | history | first  | archive   | a      |
        | alone   | second | interface | b      |
      When these acquisitions, one after the other
        | called | into   | by               | brings              |
        | proof  |        | rule             | both are one source |
        | later  | second | interface        | c                   |
        | other  | third  | interface of bea | d                   |
      # T1
      Then "later" went into "first", where the host lets it
      # T2
      And each acquisition has a batch of its own, with method, provenance and receipt
      # T2
      And every read face of "first" shows exactly "all that went into it"
      # T2
      And every read face of "second" shows exactly "all that went into it"
      # T2
      And "second" names "first" and the proof, where that took "later"

    @CI-03.4 @host @claim.grants
    Scenario: Client reads shared stream names (host)
      Given these acquisitions, one after the other
        | called | into   | by               | brings                |
        | mine   | first  | interface        | a, b/both             |
        | theirs | second | interface of bea | c, d/both             |
        | others | second | interface of bea | e in drafts           |
        | more   | first  | interface        | f/both, g in drafts   |
      When somebody with a grant for "first" alone reads, and asks for what "second" has
      # T1
      Then every row names its connection and nothing of the path behind it
      # T1
      And the bearer of the grant reads all of "first" and nothing of "second"
      # T2
      And every read face of "first" shows exactly "a, b/both, f/both, g in drafts"
      # T2
      And every read face of "second" shows exactly "c, d/both, e in drafts"

    @CI-03/apart @body @host
    Scenario: Two connections that share a definition share nothing else
      When these acquisitions, one after the other
        | called | into   | by               | brings       | how       |
        | one    | first  | interface        | a            |           |
        | two    | second | interface of bea | b            |           |
        |        | first  | the owner        | a schedule   |           |
        | three  | first  | interface        | c            |           |
        | busy   | first  | interface        |              | held open |
        | four   | second | interface of bea | d            |           |
      # T1
      Then each run starts from the cursor that its path left in its connection
      # T2
      And every read face of "first" shows exactly "a, c"
      # T2
      And every read face of "second" shows exactly "b, d"
      # T3
      And nothing of "first" stands in the schedule and the diagnostics of "second"
      # T3
      And "four" went into "second"

    @CI-03/from-the-beginning @body @host @claim.stage @claim.imports
    Scenario: A path that joins later starts with a cursor of its own
      Given these acquisitions, one after the other
        | called  | into   | by        | brings |
        | history | first  | archive   | a      |
        | alone   | second | interface | b      |
      When these acquisitions, one after the other
        | called | into   | by        | brings              |
        | proof  |        | rule      | both are one source |
        | later  | second | interface | b, c                |
      # T1
      Then each run starts from the cursor that its path left in its connection
      # T2
      And every read face of "second" shows exactly "all that went into it"
      # control
      And every read face of "first" shows exactly "all that went into it"
