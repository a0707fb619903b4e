Feature: Resource scopes of owner-triggered runs

  What an owner asks for is what a connector is asked for: no more, no less, and
  nothing at all when the question makes no sense.

  Rule: Owner-triggered runs keep resource scopes (PR-03)

    @PR-03.1 @host
    Scenario: Targeted stream resource run (host)
      Given the kit's own connector with the streams "messages, files, labels"
      When the owner asks two connections at once for
        | connection | stream   | resources                                                  |
        | first      | messages | ["inbox", " inbox", "Inbox", "a,b", "Straße 7", "e\u0301"] |
        | first      | files    | ["inbox"]                                                  |
        | second     | messages | ["sent"]                                                   |
      # T1
      Then each run starts exactly the streams asked for, each with a list of its own
      # T2
      And every identifier reaches the connector byte for byte

    @PR-03.1 @connector @claim.partitions @claim.resources
    Scenario: Targeted stream resource run (connector)
      Given a source with the partitions "alpha, alphabet, beta"
      When the owner starts a run of "alpha" alone
      # T3
      Then every record emitted lies within "alpha"
      # control
      And every record of "alpha" is emitted

    @PR-03/odd-names @body @connector @claim.partitions @claim.resources
    Scenario: A partition is asked for by its very name
      Given a source with the partitions "in box, in-box, in box 2, Straße, Strasse"
      When the owner starts a run of "in box, Straße" alone
      # T1
      Then every record emitted lies within "in box, Straße"
      # control
      And every record of "in box, Straße" is emitted

    @PR-03/scoped-and-committed @advice @connector @claim.partitions @claim.resources
    Scenario: A scoped run whose cursor is kept hides nothing from the next whole run
      Given a source with the records
        | partition | record | at                   |
        | alpha     | a1     | 2024-01-01T08:00:00Z |
        | beta      | b1     | 2024-01-01T08:00:00Z |
      And a finished run with records
      And the source gains the records
        | partition | record | at                   |
        | alpha     | a2     | 2024-03-01T08:00:00Z |
        | beta      | b2     | 2024-02-01T08:00:00Z |
      And a run of "alpha" alone whose cursor the host keeps
      When the owner starts a run
      # T1
      Then "b2" is emitted although "alpha" is further on
      # control
      And "a record" was seen

    @PR-03.2 @host
    Scenario: Resource boundary is a manifest-declared record field (host)
      Given the kit's own connector with the stream "messages", bounded by the field "folder"
      When it emits for a request of "inbox" these records, each in a run of its own
        | record | folder  | text  |
        | m1     | inbox   |       |
        | inbox  | sent    |       |
        | m2     | sent    |       |
        | m3     | inbox-2 |       |
        | m4     | Inbox   |       |
        | m5     | sent    | inbox |
      # T1
      Then the record "m1" is stored
      # T2
      And the records "m2, m3, m4, m5" are not stored and their runs show why
      # control
      And the record "inbox" is stored

    @PR-03.3 @host
    Scenario: Invalid or empty resource shape (host)
      Given the kit's own connector with the streams "messages, files"
      When the owner asks for each of these and then for the resource "inbox" of "messages"
        | resources                                  |
        | ["messages"]                               |
        | "messages"                                 |
        | 7                                          |
        | true                                       |
        | {}                                         |
        | {"messages": []}                           |
        | {"messages": {}}                           |
        | {"messages": "inbox"}                      |
        | {"messages": null}                         |
        | {"messages": [1]}                          |
        | {"messages": [null]}                       |
        | {"messages": [["inbox"]]}                  |
        | {"messages": ["inbox", 1]}                 |
        | {"messages": ["inbox"], "files": []}       |
        | {"messages": {"files": ["inbox"]}}         |
      # T1
      Then each of these is refused by a typed error
      # T2
      And no connector was started for any of them
      # control
      And the right request starts a run

    @PR-03/scoped-then-full @advice @host
    Scenario: A scoped run moves no cursor
      Given the kit's own connector with the streams "messages"
      And it leaves the cursor "whole" behind in a run
      And it leaves the cursor "scoped" behind in a run of the resource "inbox" alone
      When the owner starts a run
      # T1
      Then the run "judged" starts from the cursor "whole"
