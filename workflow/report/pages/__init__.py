"""The pages themselves: path → bytes."""
