Feature: Collection Profile

  What a connector owes its host in every run. The protocol monitor reads what
  crossed the connector's pipes in the runs of all other scenarios; each rule has
  a scenario of its own, so that a breach is told once and by its name.

  @CP-01 @profile @connector
  Scenario: Nothing is said before START
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-01"
    # control
    And a run that ended well was among them

  @CP-02 @profile @connector
  Scenario: Every line is one JSON object in UTF-8
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-02"
    # control
    And a run that ended well was among them

  @CP-03 @profile @connector
  Scenario: Every message is known and has its shape
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-03"
    # control
    And a run that ended well was among them

  @CP-04 @profile @connector
  Scenario: Records and cursors are of the streams that were started
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-04"
    # control
    And a run that ended well was among them

  @CP-05 @profile @connector
  Scenario: Records lie within the scope of their run
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-05"
    # control
    And a run that ended well was among them

  @CP-06 @profile @connector
  Scenario: Records keep their stream's schema and key
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-06"
    # control
    And a run that ended well was among them

  @CP-07 @profile @connector
  Scenario: Append-only streams hold no delete
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-07"
    # control
    And a run that ended well was among them

  @CP-08 @profile @connector @claim.interaction
  Scenario: One question is open at a time
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-08"
    # control
    And a run that ended well was among them

  @CP-09 @profile @connector
  Scenario: What DETAIL_COVERAGE counts adds up
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-09"
    # control
    And a run that ended well was among them

  @CP-10 @profile @connector
  Scenario: DONE is said once and last
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-10"
    # control
    And a run that ended well was among them

  @CP-11 @profile @connector
  Scenario: DONE counts the records
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-11"
    # control
    And a run that ended well was among them

  @CP-12 @profile @connector
  Scenario: The exit status agrees with DONE
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-12"
    # control
    And a run that ended well was among them

  @CP-13 @profile @connector
  Scenario: No content of records shows elsewhere
    Given the runs of its other scenarios, or two of its own where there were none
    # T1
    Then nothing that crossed the connector's pipes breaks the rule "CP-13"
    # control
    And a run that ended well was among them
