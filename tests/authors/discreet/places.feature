Feature: What a connector gives away of the owner's machine

  Rule: Lines about gaps stay discreet

    @PR-01/no-place @advice @connector @claim.partitions @claim.inventory
    Scenario: A missing partition is named without the place where it lay (connector)
      Given a source with the partitions "alpha, beta, team"
      And a finished run
      And the partition "beta" disappears
      When the owner starts a run
      # T1
      Then no line about a gap tells where the source lies
      # control
      And "beta" is named as missing
